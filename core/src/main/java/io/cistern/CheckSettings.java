package io.cistern;

import java.util.Objects;

/**
 * A check level and its dimensions.
 *
 * @param level how much is checked
 * @param redZoneBytes bytes behind each block, and before the first, that nobody may write to: a
 *     multiple of 8 from 0 to 65,536. In a pool of tiers each block takes that much more memory; in
 *     a pool of any size each 8 bytes of the region do. Taken on top of what the pool is sized for
 * @param poison the byte that red zones and free memory are filled with, from 1 to 255
 * @param quarantineBlocks how many freed blocks of a tier are kept back, the last ones freed, while
 *     others are free: 0 or more. Nothing is refused for it. Of no effect in a pool of any size
 */
public record CheckSettings(CheckLevel level, int redZoneBytes, int poison, int quarantineBlocks) {
  private static final int MAX_RED_ZONE = 1 << 16;
  private static final int GRANULE = 8;
  private static final int BYTE = 0xFF;

  /** 64 bytes, 0xA5, every free block. */
  private static final CheckSettings DEFAULT =
      new CheckSettings(CheckLevel.CHECKED, 64, 0xA5, 1 << HandleFormat.INDEX_BITS);

  /**
   * Checked dimensions.
   *
   * @throws IllegalArgumentException when one is out of range
   */
  public CheckSettings {
    Objects.requireNonNull(level, "level");
    require(
        redZoneBytes >= 0 && redZoneBytes <= MAX_RED_ZONE && redZoneBytes % GRANULE == 0,
        "red zone of %d B: must be a multiple of %d from 0 to %d"
            .formatted(redZoneBytes, GRANULE, MAX_RED_ZONE));
    require(poison >= 1 && poison <= BYTE, "poison of %d: must be from 1 to 255".formatted(poison));
    require(
        quarantineBlocks >= 0,
        "quarantine of %d blocks: must be 0 or more".formatted(quarantineBlocks));
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(message);
    }
  }

  /**
   * A level with the usual dimensions: red zones of 64 bytes, poison 0xA5, and a quarantine of all
   * free blocks.
   *
   * @param level how much is checked
   * @return the settings
   */
  public static CheckSettings of(CheckLevel level) {
    return new CheckSettings(level, DEFAULT.redZoneBytes, DEFAULT.poison, DEFAULT.quarantineBlocks);
  }

  /**
   * The same with another red zone.
   *
   * @param bytes a multiple of 8 from 0 to 65,536
   * @return the settings
   */
  public CheckSettings withRedZone(int bytes) {
    return new CheckSettings(level, bytes, poison, quarantineBlocks);
  }

  /**
   * The same with another pattern.
   *
   * @param value from 1 to 255
   * @return the settings
   */
  public CheckSettings withPoison(int value) {
    return new CheckSettings(level, redZoneBytes, value, quarantineBlocks);
  }

  /**
   * The same with another quarantine.
   *
   * @param blocks of a tier, 0 or more
   * @return the settings
   */
  public CheckSettings withQuarantine(int blocks) {
    return new CheckSettings(level, redZoneBytes, poison, blocks);
  }

  /** Whether anything is done beyond the level STANDARD. */
  boolean isChecked() {
    return level != CheckLevel.STANDARD;
  }

  /** Bytes between blocks. */
  int redZone() {
    return isChecked() ? redZoneBytes : 0;
  }
}
