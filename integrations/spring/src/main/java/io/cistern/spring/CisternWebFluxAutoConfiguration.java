package io.cistern.spring;

import static java.lang.System.Logger.Level.WARNING;

import io.cistern.PoolManager;
import jakarta.servlet.Servlet;
import jakarta.servlet.ServletException;
import org.apache.catalina.Container;
import org.apache.catalina.Wrapper;
import org.apache.catalina.startup.Tomcat;
import org.eclipse.jetty.ee11.servlet.ServletContextHandler;
import org.eclipse.jetty.ee11.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.component.LifeCycle;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.jetty.JettyServerCustomizer;
import org.springframework.boot.reactor.netty.NettyServerCustomizer;
import org.springframework.boot.tomcat.TomcatContextCustomizer;
import org.springframework.boot.webflux.autoconfigure.WebHttpHandlerBuilderCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.http.server.reactive.ServletHttpHandlerAdapter;
import org.springframework.web.server.WebExceptionHandler;

/**
 * WebFlux's buffers from a pool: {@code cistern.webflux.pool} says from which. The factory is a
 * bean, and becomes that of the server's adapter, which reads request bodies into its buffers and
 * gives it to the codecs that write responses. Tomcat and Jetty take it; Reactor Netty has an
 * allocator of its own instead, and says so in the log.
 */
@AutoConfiguration(
    after = CisternAutoConfiguration.class,
    beforeName = {
      "org.springframework.boot.jetty.autoconfigure.reactive.JettyReactiveWebServerAutoConfiguration",
      "org.springframework.boot.tomcat.autoconfigure.reactive.TomcatReactiveWebServerAutoConfiguration",
      "org.springframework.boot.reactor.netty.autoconfigure.NettyReactiveWebServerAutoConfiguration"
    })
@ConditionalOnProperty("cistern.webflux.pool")
@ConditionalOnClass(ServletHttpHandlerAdapter.class)
@ConditionalOnSingleCandidate(PoolManager.class)
public final class CisternWebFluxAutoConfiguration {
  private static final System.Logger LOG = System.getLogger("io.cistern.spring");
  private static final String LABEL = "webflux";

  /** For Spring. */
  public CisternWebFluxAutoConfiguration() {}

  @Bean
  @ConditionalOnMissingBean
  CisternDataBufferFactory cisternDataBufferFactory(PoolManager manager, Environment environment) {
    String name = environment.getRequiredProperty("cistern.webflux.pool");
    return CisternDataBufferFactory.orHeap(WebFluxPool.find(manager, name, LABEL));
  }

  /** Releases what comes after a request's handler has given up. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(WebHttpHandlerBuilderCustomizer.class)
  @ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.REACTIVE)
  static class LateBuffers {
    @Bean
    WebHttpHandlerBuilderCustomizer cisternLateBuffers() {
      return builder ->
          builder.httpHandlerDecorator(handler ->
              (request, response) ->
                  handler.handle(
                      LateBuffersReleased.isNeeded(response)
                          ? new LateBuffersReleased(request)
                          : request,
                      response));
    }
  }

  /** Answers 503 where a pool is exhausted. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(WebExceptionHandler.class)
  @ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.REACTIVE)
  static class Exhaustion {
    @Bean
    @ConditionalOnMissingBean
    PoolExhaustedHandler cisternPoolExhaustedHandler() {
      return new PoolExhaustedHandler();
    }
  }

  /** The adapter is a servlet. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass({Tomcat.class, TomcatContextCustomizer.class})
  @ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.REACTIVE)
  static class OnTomcat {
    @Bean
    TomcatContextCustomizer cisternTomcatBuffers(CisternDataBufferFactory factory) {
      return context -> {
        for (Container child : context.findChildren()) {
          if (child instanceof Wrapper wrapper
              && wrapper.getServlet() instanceof ServletHttpHandlerAdapter adapter) {
            adapter.setDataBufferFactory(factory);
          }
        }
      };
    }
  }

  /**
   * The adapter is a servlet, which there is once the server has started, without connections yet.
   */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass({Server.class, ServletHolder.class, JettyServerCustomizer.class})
  @ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.REACTIVE)
  static class OnJetty {
    @Bean
    JettyServerCustomizer cisternJettyBuffers(CisternDataBufferFactory factory) {
      return server -> {
        server.addEventListener(
            new LifeCycle.Listener() {
              @Override
              public void lifeCycleStarted(LifeCycle started) {
                server
                    .getDescendants(ServletContextHandler.class)
                    .forEach(context -> give(factory, context));
              }
            });
      };
    }

    private static void give(CisternDataBufferFactory factory, ServletContextHandler context) {
      for (ServletHolder holder : context.getServletHandler().getServlets()) {
        if (servletOf(holder) instanceof ServletHttpHandlerAdapter adapter) {
          adapter.setDataBufferFactory(factory);
        }
      }
    }

    private static Servlet servletOf(ServletHolder holder) {
      try {
        return holder.getServlet();
      } catch (ServletException failed) {
        throw new IllegalStateException("servlet " + holder.getName() + " does not start", failed);
      }
    }
  }

  /** Reactor Netty copies buffers that are not its own, and does not release them. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(NettyServerCustomizer.class)
  @ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.REACTIVE)
  static class OnReactorNetty {
    @Bean
    NettyServerCustomizer cisternNettyHint() {
      return server -> {
        LOG.log(
            WARNING,
            "cistern.webflux.pool has no effect on Reactor Netty, whose buffers come from its own"
                + " allocator: give it one of Cistern's (docs/integrations-spring.md), or use"
                + " Tomcat or Jetty");
        return server;
      };
    }
  }
}
