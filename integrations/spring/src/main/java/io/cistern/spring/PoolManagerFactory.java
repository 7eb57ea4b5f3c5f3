package io.cistern.spring;

import static java.lang.System.Logger.Level.ERROR;
import static java.lang.System.Logger.Level.WARNING;

import io.cistern.LeakReport;
import io.cistern.ManagerListener;
import io.cistern.MemoryPool;
import io.cistern.PoolListener;
import io.cistern.PoolManager;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.FactoryBean;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.io.ResourceLoader;

/**
 * Opens the application's pools, and closes them after everything that uses them: beans that a bean
 * depends on are destroyed after it.
 *
 * <p>When blocks are live by then they are told in the log, with the places that allocated them,
 * and the pools are closed nevertheless ({@link PoolManager#closeNow()}). To keep them open would
 * not give the blocks back: whoever had them is gone, and in a program that starts a context after
 * the other the memory would add up. Segments that somebody still has throw on access.
 */
final class PoolManagerFactory
    implements FactoryBean<PoolManager>, InitializingBean, DisposableBean {
  private static final System.Logger LOG = System.getLogger("io.cistern.spring");

  private final ConfigurableEnvironment environment;
  private final ResourceLoader resources;
  private final PoolListener[] poolListeners;
  private final List<ManagerListener> managerListeners;
  private @Nullable PoolManager manager;

  PoolManagerFactory(
      ConfigurableEnvironment environment,
      ResourceLoader resources,
      List<PoolListener> poolListeners,
      List<ManagerListener> managerListeners) {
    this.environment = environment;
    this.resources = resources;
    this.poolListeners = poolListeners.toArray(PoolListener[]::new);
    this.managerListeners = managerListeners;
  }

  @Override
  public void afterPropertiesSet() {
    String profile = environment.getProperty("cistern.profile");
    PoolManager opened =
        ProfileLoading.load(profile, resources, PoolSettings.of(environment)).open(poolListeners);
    managerListeners.forEach(opened::addListener);
    manager = opened;
  }

  @Override
  public PoolManager getObject() {
    return Objects.requireNonNull(manager, "the pools have not been opened");
  }

  @Override
  public Class<?> getObjectType() {
    return PoolManager.class;
  }

  @Override
  public void destroy() {
    if (manager != null) {
      manager.pools().forEach(PoolManagerFactory::tellOfLiveBlocks);
      try {
        manager.closeNow();
      } catch (IllegalStateException | WrongThreadException refused) {
        LOG.log(ERROR, "pools could not all be closed", refused);
      }
    }
  }

  private static void tellOfLiveBlocks(MemoryPool pool) {
    int live = pool.isClosed() ? 0 : pool.stats().used();
    if (live > 0) {
      LeakReport report = pool.report(Duration.ZERO);
      LOG.log(
          WARNING,
          "pool '%s' is closed with %d live blocks of %d B: they were never freed%n%s"
              .formatted(pool.name(), live, pool.stats().usedBytes(), report));
    }
  }
}
