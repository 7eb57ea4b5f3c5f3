package io.cistern.examples.all;

import io.cistern.*;
import io.cistern.arrow.CisternAllocationManagerFactory;
import io.cistern.examples.arrow.ArrowPipeline;
import io.cistern.examples.jetty.JettyServerExample;
import io.cistern.examples.nettyhttp.NettyHttpServer;
import io.cistern.examples.springboot.EchoApplication;
import io.cistern.jetty.CisternByteBufferPool;
import io.cistern.spring.CisternDataBufferFactory;
import java.util.Map;
import org.apache.arrow.memory.RootAllocator;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** The three servers of the other examples, and the pipeline, in one process on one manager. */
public final class AllOnOneBudget implements AutoCloseable {
  final PoolManager manager;
  final CisternDataBufferFactory buffers;
  final RootAllocator arrow;
  private final NettyHttpServer netty;
  private final JettyServerExample jetty;
  private final ConfigurableApplicationContext spring;

  AllOnOneBudget() throws Exception {
    PoolManager.Builder budget = PoolManager.builder().budgetBytes(32 << 20);
    for (String framework : new String[] {"netty", "jetty", "webflux", "arrow"}) {
      budget.quota(framework, 12 << 20, 2 << 20, false); // at most, guaranteed
    }
    MemoryPool.Builder tiers = MemoryPool.builder().labels().spill(Spill.ANY);
    tiers.tier(2048, 1024).tier(4096, 512).tier(16_384, 512).tier(65_536, 128).tier(131_072, 64);
    manager = budget.pool("buffers", tiers).build();
    netty = new NettyHttpServer(0, poolFor("netty"));
    jetty = new JettyServerExample(0, new CisternByteBufferPool(poolFor("jetty")));
    CisternAllocationManagerFactory memory = new CisternAllocationManagerFactory(poolFor("arrow"));
    arrow =
        new RootAllocator(RootAllocator.configBuilder().allocationManagerFactory(memory).build());
    buffers = CisternDataBufferFactory.orHeap(poolFor("webflux"));
    SpringApplicationBuilder application = new SpringApplicationBuilder(EchoApplication.class);
    application.initializers(context -> {
      context.getBeanFactory().registerSingleton("pools", manager);
      context.getBeanFactory().registerSingleton("buffers", buffers);
    });
    spring = application.run("--server.port=0", "--cistern.webflux.pool=buffers");
  }

  /** One pool for all: what each takes counts under its label, and against its quota. */
  MemoryPool poolFor(String framework) {
    return manager.pool("buffers").labelled(framework).chargedTo(manager.quota(framework));
  }

  /** Where each server sends back what it is sent. */
  Map<String, String> echoes() {
    String web = spring.getEnvironment().getRequiredProperty("local.server.port");
    return Map.of(
        "netty", "http://localhost:" + netty.port() + "/",
        "jetty", "http://localhost:" + jetty.port() + "/",
        "webflux", "http://localhost:" + web + "/echo");
  }

  @Override
  public void close() {
    arrow.close();
    spring.close();
    jetty.close();
    netty.close();
    manager.close(); // which refuses while a block is live
  }

  /** Serves until Enter is pressed, and tells who had what. */
  public static void main(String[] args) throws Exception {
    try (AllOnOneBudget all = new AllOnOneBudget()) {
      System.out.println(ArrowPipeline.sum(all.arrow, ArrowPipeline.write(all.arrow)));
      System.out.println(all.echoes());
      System.in.read();
      System.out.print(all.manager.dump());
    }
  }
}
