package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.attribute.CodeAttribute;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.MonitorInstruction;
import java.lang.classfile.instruction.NewObjectInstruction;
import java.lang.classfile.instruction.NewPrimitiveArrayInstruction;
import java.lang.classfile.instruction.NewReferenceArrayInstruction;
import java.lang.reflect.AccessFlag;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * The fast path as it stands in the class files: what is called on it from start to end, that
 * HotSpot can put it all in line, and that there is no lock, no {@code ThreadLocal} and no hidden
 * object.
 */
class FastPathTest {
  /** A hot method above this size is not inlined ({@code FreqInlineSize}). */
  private static final int LARGEST = 325;

  /** Up to this size a method is inlined however cold it seems ({@code MaxInlineSize}). */
  private static final int SMALL = 35;

  /**
   * How deep HotSpot inlines ({@code MaxInlineLevel}), and room for the caller and for VarHandles.
   */
  private static final int DEEPEST = 15 - 6;

  /** Where the fast path ends: what these do is done rarely. */
  private static final Set<String> SLOW =
      Set.of(
          "claimSlow",
          "freeSlow",
          "refusedSize",
          "tierBeyondTable",
          "notLive",
          "closedException",
          "exhausted",
          "countExhausted",
          "reclaimedOrThrow",
          "reclaimedOrNothing");

  private final Map<String, ClassModel> classes = new HashMap<>();
  private final Map<String, Integer> sizes = new TreeMap<>();
  private final List<String> findings = new ArrayList<>();
  private int deepest;

  private ClassModel read(String internalName) {
    return classes.computeIfAbsent(
        internalName,
        name -> {
          try (InputStream in = MemoryPool.class.getModule().getResourceAsStream(name + ".class")) {
            return ClassFile.of().parse(in.readAllBytes());
          } catch (IOException gone) {
            throw new UncheckedIOException(gone);
          }
        });
  }

  /** Follows every call from a method, down to {@link #SLOW} and to the JDK. */
  private void walk(String owner, String name, String descriptor, int depth) {
    MethodModel method = find(owner, name, descriptor);
    if (method.flags().has(AccessFlag.ABSTRACT) && owner.equals("io/cistern/BlockSource")) {
      walk("io/cistern/Tier", name, descriptor, depth); // the one that a pool of tiers makes
      return;
    }
    String id = owner.substring(owner.lastIndexOf('/') + 1) + "." + name + descriptor;
    CodeModel code = method.code().orElse(null);
    if (code == null) {
      findings.add(id + " has no code of its own: which one is called is not known");
      return;
    }
    deepest = Math.max(deepest, depth);
    if (sizes.put(id, ((CodeAttribute) code).codeLength()) == null) {
      if (method.flags().has(AccessFlag.SYNCHRONIZED)) {
        findings.add(id + " is synchronized");
      }
      code.forEach(element -> check(id, element));
    }
    code.forEach(element -> {
      if (element instanceof InvokeInstruction call
          && call.owner().asInternalName().startsWith("io/cistern/")
          && !call.owner().asInternalName().endsWith("Exception")
          && !SLOW.contains(call.name().stringValue())) {
        walk(
            call.owner().asInternalName(),
            call.name().stringValue(),
            call.type().stringValue(),
            depth + 1);
      }
    });
  }

  private MethodModel find(String owner, String name, String descriptor) {
    for (String at = owner; at.startsWith("io/cistern/"); at = superclass(at)) {
      for (MethodModel method : read(at).methods()) {
        if (method.methodName().equalsString(name)
            && method.methodType().equalsString(descriptor)) {
          return method;
        }
      }
    }
    throw new AssertionError(owner + " has no method " + name + descriptor);
  }

  private String superclass(String name) {
    return read(name).superclass().orElseThrow().asInternalName();
  }

  private void check(String in, CodeElement element) {
    switch (element) {
      case MonitorInstruction lock -> findings.add(in + " locks: " + lock.opcode());
      case InvokeDynamicInstruction call -> findings.add(in + " makes a lambda: " + call.name());
      case NewPrimitiveArrayInstruction array -> findings.add(in + " makes " + array);
      case NewReferenceArrayInstruction array -> findings.add(in + " makes " + array);
      case NewObjectInstruction made -> {
        String type = made.className().asInternalName();
        if (!type.equals("io/cistern/MemoryBlock") && !type.endsWith("Exception")) {
          findings.add(in + " makes a " + type);
        }
      }
      case InvokeInstruction call -> {
        String type = call.owner().asInternalName();
        boolean boxes = type.startsWith("java/lang/") && call.name().equalsString("valueOf");
        if (boxes || type.contains("ThreadLocal") || type.startsWith("java/util/concurrent/")) {
          findings.add(in + " calls " + type + "." + call.name());
        }
      }
      default -> {}
    }
  }

  private void walkFastPath() {
    String pool = "io/cistern/TieredPool";
    walk(pool, "allocateHandle", "(J)J", 0);
    walk(pool, "tryAllocateHandle", "(J)J", 0);
    walk(pool, "allocate", "(J)Lio/cistern/MemoryBlock;", 0);
    walk(pool, "tryAllocate", "(J)Lio/cistern/MemoryBlock;", 0);
    walk(pool, "free", "(J)V", 0);
    walk(pool, "offset", "(J)J", 0);
    walk("io/cistern/MemoryBlock", "close", "()V", 0);
    walk("io/cistern/MemoryBlock", "segment", "()Ljava/lang/foreign/MemorySegment;", 0);
  }

  @Test
  void nothingOnItLocksOrMakesAnObject() {
    walkFastPath();
    assertThat(findings).isEmpty();
    assertThat(sizes.keySet())
        .as("what was looked at")
        .contains("Magazine.claim(J)J", "Magazine.push(J[JIJ)Z", "Magazine.free(JIJ)Z");
  }

  @Test
  void allOfItIsSmallEnoughToBeInlined() {
    walkFastPath();
    assertThat(sizes).allSatisfy((method, size) -> assertThat(size).isLessThanOrEqualTo(LARGEST));
    assertThat(deepest).isLessThanOrEqualTo(DEEPEST);
  }

  /** Were one of these a call, its block would be an object. */
  @Test
  void whatABlockPassesThroughIsInlinedAlways() {
    walkFastPath();
    assertThat(sizes)
        .hasEntrySatisfying(
            "TieredPool.allocate(J)Lio/cistern/MemoryBlock;",
            size -> assertThat(size).isLessThanOrEqualTo(SMALL))
        .hasEntrySatisfying(
            "MemoryBlock.close()V", size -> assertThat(size).isLessThanOrEqualTo(SMALL))
        .hasEntrySatisfying(
            "BlockSource.checkedSize(IJ)I", size -> assertThat(size).isLessThanOrEqualTo(SMALL));
  }

  @Test
  void aSlowPathIsSeenToLockSoTheFastOneWouldBe() {
    walk("io/cistern/internal/BlockPool", "releaseSlow", "(IJ)Z", 0);
    assertThat(findings).anyMatch(finding -> finding.contains("ReentrantLock.lock"));
    walk("io/cistern/internal/CoarseClock", "retain", "()V", 0);
    assertThat(findings).contains("CoarseClock.retain()V is synchronized");
  }
}
