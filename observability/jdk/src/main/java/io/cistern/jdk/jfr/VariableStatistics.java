package io.cistern.jdk.jfr;

import io.cistern.PoolStats;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Percentage;
import jdk.jfr.Period;

/** The snapshot of a pool of variable size. */
@Name("io.cistern.VariableStatistics")
@Label("Variable Size Statistics")
@Description("Figures of a pool of blocks of any size")
@Period("10 s")
final class VariableStatistics extends PoolEvent {
  @Label("Total Bytes")
  @DataAmount
  long totalBytes;

  @Label("Used Bytes")
  @DataAmount
  long usedBytes;

  @Label("Free Bytes")
  @DataAmount
  long freeBytes;

  @Label("Used Blocks")
  int usedBlocks;

  @Label("Free Pieces")
  int freePieces;

  @Label("Largest Free")
  @DataAmount
  long largestFreeBytes;

  @Label("Largest Allocatable")
  @DataAmount
  long largestAllocatableBytes;

  @Label("Peak Used Bytes")
  @DataAmount
  long peakUsedBytes;

  @Label("Allocations")
  long allocations;

  @Label("Frees")
  long frees;

  @Label("Failed")
  long failed;

  @Label("Requested Bytes")
  @DataAmount
  @Description("Sum over the life of the pool")
  long requestedBytes;

  @Label("Granted Bytes")
  @DataAmount
  @Description("Sum over the life of the pool")
  long grantedBytes;

  @Label("External Fragmentation")
  @Percentage
  double externalFragmentation;

  @Label("Internal Fragmentation")
  @Percentage
  double internalFragmentation;

  VariableStatistics(String pool, PoolStats.Variable variable) {
    super(pool);
    totalBytes = variable.totalBytes();
    usedBytes = variable.usedBytes();
    freeBytes = variable.freeBytes();
    usedBlocks = variable.usedBlocks();
    freePieces = variable.freePieces();
    largestFreeBytes = variable.largestFreeBytes();
    largestAllocatableBytes = variable.largestAllocatableBytes();
    peakUsedBytes = variable.peakUsedBytes();
    allocations = variable.allocations();
    frees = variable.frees();
    failed = variable.failed();
    requestedBytes = variable.requestedBytes();
    grantedBytes = variable.grantedBytes();
    externalFragmentation = variable.externalFragmentationPercent() / 100;
    internalFragmentation = variable.internalFragmentationPercent() / 100;
  }
}
