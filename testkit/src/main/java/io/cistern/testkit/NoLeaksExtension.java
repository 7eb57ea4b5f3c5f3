package io.cistern.testkit;

import io.cistern.Damage;
import io.cistern.MemoryPool;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * What {@link NoLeaks} does.
 *
 * <pre>
 * before all ──► look ──► before each ──► look ──► the test ──► after each ──► compare, fail ──► … ──► after all ──► compare, fail
 *                                                                      └─► told: not once more after all
 * </pre>
 *
 * <p>Keeps everything in the store of the test's context, so that one instance serves all tests, by
 * any threads.
 */
public final class NoLeaksExtension
    implements BeforeAllCallback,
        BeforeEachCallback,
        AfterEachCallback,
        AfterAllCallback,
        ParameterResolver {
  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(NoLeaksExtension.class);

  /** Made by JUnit. */
  public NoLeaksExtension() {}

  @Override
  public void beforeAll(ExtensionContext context) {
    begin(context, TestPools.open(context));
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    Set<MemoryPool> before = Collections.newSetFromMap(new IdentityHashMap<>());
    before.addAll(TestPools.open(context));
    before.removeAll(ofThisTest(context));
    before.addAll(TestPools.inStaticFields(context));
    begin(context, before);
  }

  /** What an instance that was made for this test has, unless it is older than that. */
  private static Collection<MemoryPool> ofThisTest(ExtensionContext context) {
    PoolWatch ofClass = watch(context);
    return isSharedInstance(context)
        ? List.of()
        : TestPools.inFields(context).stream()
            .filter(pool -> ofClass == null || !ofClass.knows(pool))
            .toList();
  }

  private static void begin(ExtensionContext context, Collection<MemoryPool> before) {
    store(context).put(PoolWatch.class, new PoolWatch(context.getDisplayName(), before));
  }

  private static boolean isSharedInstance(ExtensionContext context) {
    return context
        .getTestInstanceLifecycle()
        .filter(TestInstance.Lifecycle.PER_CLASS::equals)
        .isPresent();
  }

  /** What was told of a test is not told once more of its class. */
  @Override
  public void afterEach(ExtensionContext context) {
    Set<MemoryPool> now = Collections.newSetFromMap(new IdentityHashMap<>());
    now.addAll(TestPools.open(context));
    now.addAll(TestPools.inStaticFields(context));
    now.addAll(TestPools.inFields(context));
    GivenPool given = store(context).remove(GivenPool.class, GivenPool.class);
    if (given != null) {
      now.add(given.pool());
    }
    try {
      check(context, now, given == null ? List.of() : given.damages());
    } catch (AssertionError told) {
      forgive(context, now);
      throw told;
    } finally {
      if (given != null) {
        given.pool().closeNow();
      }
    }
  }

  /** Of every class around the test. */
  private static void forgive(ExtensionContext test, Collection<MemoryPool> now) {
    for (Optional<ExtensionContext> around = test.getParent();
        around.isPresent();
        around = around.get().getParent()) {
      PoolWatch watch = watch(around.get());
      if (watch != null) {
        watch.look(now);
      }
    }
  }

  @Override
  public void afterAll(ExtensionContext context) {
    Set<MemoryPool> now = Collections.newSetFromMap(new IdentityHashMap<>());
    now.addAll(TestPools.open(context));
    now.addAll(TestPools.inStaticFields(context));
    check(context, now, List.of());
  }

  /** Nothing to compare with means that what runs before has failed. */
  private static void check(
      ExtensionContext context, Collection<MemoryPool> now, List<Damage> damages) {
    PoolWatch watch = watch(context);
    List<String> findings = watch == null ? List.of() : watch.findings(now);
    if (!findings.isEmpty()) {
      throw new AssertionError(
          Stream.concat(findings.stream(), damages.stream().map(Damage::toString))
              .collect(Collectors.joining("\n")));
    }
  }

  /** That of the test, or else of the class around it, if that is watched. */
  private static @Nullable PoolWatch watch(ExtensionContext context) {
    return store(context).get(PoolWatch.class, PoolWatch.class);
  }

  private static ExtensionContext.Store store(ExtensionContext context) {
    return context.getStore(NAMESPACE);
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType().equals(MemoryPool.class)
        && context.getTestMethod().isPresent();
  }

  /** The pool of the test, the same for all its methods. */
  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return store(context)
        .computeIfAbsent(GivenPool.class, key -> GivenPool.open(), GivenPool.class)
        .pool();
  }
}
