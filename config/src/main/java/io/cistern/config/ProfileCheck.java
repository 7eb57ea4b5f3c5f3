package io.cistern.config;

import io.cistern.config.Profile.PoolSpec;
import java.math.BigInteger;
import java.util.Map;
import java.util.Objects;

/**
 * What the parts of a profile must be to each other, once each is right by itself: the budget must
 * do for all that is taken when the profile is opened, quotas can guarantee no more than there can
 * be, and nothing may be asked for that could never be had.
 *
 * @param root the outermost section
 * @param sections of the pools, by name
 * @param profile as it was read
 */
record ProfileCheck(Section root, Map<String, Section> sections, Profile profile) {
  /** Regions and fallbacks that handles can tell apart in one process. */
  private static final int MAX_NUMBERS = 255;

  void check(QuotasReader.Kept kept) {
    checkBudget();
    checkNumbers();
    checkGuarantees(kept);
    checkReserves();
    checkSharing();
  }

  private void checkBudget() {
    ProfileNeeds needs =
        ProfileNeeds.of(profile.pools(), profile.buffers(), profile.fallbackBytes());
    if (needs.total().compareTo(BigInteger.valueOf(profile.budgetBytes())) > 0) {
      root.at("budget")
          .refuseConflict(
              "must be at least %d B, which %s, and is %d B"
                  .formatted(needs.total(), needs, profile.budgetBytes()));
    }
  }

  private void checkNumbers() {
    int numbers =
        profile.pools().stream()
            .map(PoolSpec::options)
            .mapToInt(options -> options.opening() + (options.hasFallback() ? 1 : 0))
            .sum();
    if (numbers > MAX_NUMBERS) {
      root.at("pools")
          .refuseConflict(
              "must have at most %d regions and fallbacks together, and have %d"
                  .formatted(MAX_NUMBERS, numbers));
    }
  }

  /** All that there can be is the limit of the tree's root. */
  private void checkGuarantees(QuotasReader.Kept kept) {
    BigInteger most = BigInteger.valueOf(profile.fallbackBytes());
    for (PoolSpec pool : profile.pools()) {
      most =
          most.add(
              BigInteger.valueOf(pool.builder().regionBytes())
                  .multiply(BigInteger.valueOf(pool.options().most()))
                  .add(BigInteger.valueOf(pool.options().fallback().bytes())));
    }
    BigInteger all = most.min(BigInteger.valueOf(profile.budgetBytes()));
    if (kept.isMoreThan(all)) {
      root.at("quotas")
          .refuseConflict(
              "must guarantee at most %d B, which is all that there can be, and guarantee %d B (%s)"
                  .formatted(all, kept.total(), kept));
    }
  }

  private void checkReserves() {
    if (profile.quotas().stream().anyMatch(QuotaSpec::critical)) {
      return;
    }
    for (PoolSpec pool : profile.pools()) {
      if (pool.options().reserveBytes() > 0) {
        at(pool, "reserve").refuseConflict("must be 0 where no quota is critical");
      }
    }
  }

  private void checkSharing() {
    Entry limit = root.at("fallback");
    boolean shared = false;
    for (PoolSpec pool : profile.pools()) {
      if (pool.options().fallback().shared()) {
        shared = true;
        if (!limit.isGiven()) {
          at(pool, "fallback")
              .refuseConflict("must be a size where the profile has no 'fallback' to share");
        }
      }
    }
    if (!shared && profile.fallbackBytes() > 0) {
      limit.refuseConflict("must be 0 where no pool has 'fallback = shared'");
    }
  }

  private Entry at(PoolSpec pool, String key) {
    return Objects.requireNonNull(sections.get(pool.name())).at(key);
  }
}
