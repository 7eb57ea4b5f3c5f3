package io.cistern.dashboard;

import io.cistern.LeakReport;
import io.cistern.PoolManager;
import io.cistern.VerifyReport;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What clients may have done: looks that walk over everything, which all may ask for, and changes,
 * where they are enabled. One at a time, on a thread of their own, a few waiting; more are refused.
 */
final class Commands implements AutoCloseable {
  private static final int MOST_WAITING = 8;
  private static final int MOST_COUNT = 1 << 24;
  private static final int MOST_REGIONS = 200;
  private static final long MOST_AGE_MILLIS = Duration.ofDays(365).toMillis();
  private static final System.Logger LOG = System.getLogger("io.cistern.dashboard");

  private final PoolManager manager;
  private final boolean mayChange;
  private final Map<String, Function<Request, JsonNode>> looks = new LinkedHashMap<>();
  private final Map<String, Function<Request, JsonNode>> changes = new LinkedHashMap<>();
  private final ThreadPoolExecutor worker =
      new ThreadPoolExecutor(
          0, 1, 10, TimeUnit.SECONDS, new ArrayBlockingQueue<>(MOST_WAITING), Commands::thread);

  Commands(PoolManager manager, boolean mayChange) {
    this.manager = manager;
    this.mayChange = mayChange;
    looks.put("dump", this::dump);
    looks.put("verify", this::verify);
    looks.put("report", this::report);
    changes.put("trim", request -> done().put("bytes", manager.trim()));
    changes.put("setThresholds", this::setThresholds);
    changes.put("setCount", this::setCount);
    changes.put("setRegions", this::setRegions);
    changes.put("setBudget", change(r -> manager.setBudget(r.number("bytes", 1, Long.MAX_VALUE))));
    changes.put(
        "setFallbackBytes",
        change(r -> manager.setFallbackBytes(r.number("bytes", 0, Long.MAX_VALUE))));
    changes.put(
        "setQuotaLimit",
        change(r -> manager.setQuotaLimit(r.text("path"), r.number("bytes", 0, Long.MAX_VALUE))));
  }

  private static Thread thread(Runnable work) {
    Thread thread = new Thread(work, "cistern-dashboard-commands");
    thread.setDaemon(true);
    return thread;
  }

  boolean mayChange() {
    return mayChange;
  }

  /** What may be asked for. */
  List<String> names() {
    Map<String, Function<Request, JsonNode>> all = new LinkedHashMap<>(looks);
    if (mayChange) {
      all.putAll(changes);
    }
    return List.copyOf(all.keySet());
  }

  /**
   * Has a command done, later.
   *
   * @param reply gets the result
   * @param refuse gets why there is none
   * @throws Refusal at once, when it cannot be done at all
   */
  void run(Request request, Consumer<JsonNode> reply, BiConsumer<Request, Refusal> refuse) {
    String name = request.text("name");
    Function<Request, JsonNode> command = looks.get(name);
    if (command == null && changes.containsKey(name)) {
      if (!mayChange) {
        throw new Refusal(
            "read-only", "command '%s' changes something: that is not enabled".formatted(name));
      }
      LOG.log(System.Logger.Level.INFO, "a client of the dashboard asks for {0}", name);
      command = changes.get(name);
    }
    if (command == null) {
      throw new Refusal(
          "unknown-command", "command '%s': must be one of %s".formatted(name, names()));
    }
    submit(request, command, reply, refuse);
  }

  private void submit(
      Request request,
      Function<Request, JsonNode> command,
      Consumer<JsonNode> reply,
      BiConsumer<Request, Refusal> refuse) {
    try {
      worker.execute(() -> {
        try {
          reply.accept(command.apply(request));
        } catch (Refusal refusal) {
          refuse.accept(request, refusal);
        } catch (RuntimeException failed) {
          refuse.accept(request, new Refusal("failed", String.valueOf(failed.getMessage())));
        }
      });
    } catch (RejectedExecutionException full) {
      throw new Refusal("busy", "%d commands wait already".formatted(MOST_WAITING));
    }
  }

  // --- looks ----------------------------------------------------------------------------------

  private JsonNode dump(Request request) {
    StringBuilder text = new StringBuilder();
    if (request.has("pool")) {
      text.append(manager.pool(request.text("pool")).dump());
    } else {
      manager.pools().forEach(pool -> text.append(pool.dump()).append('\n'));
    }
    return done().put("text", text.toString());
  }

  private JsonNode verify(Request request) {
    List<VerifyReport> reports =
        request.has("pool")
            ? List.of(manager.pool(request.text("pool")).verify())
            : manager.verify();
    ObjectNode result =
        done()
            .put("ok", reports.stream().allMatch(VerifyReport::ok))
            .put("blocks", reports.stream().mapToLong(VerifyReport::blocks).sum())
            .put("quiescent", reports.stream().allMatch(VerifyReport::quiescent));
    ArrayNode findings = result.putArray("findings");
    reports.forEach(report ->
        report.findings().forEach(finding -> findings.add(report.pool() + ": " + finding)));
    return result;
  }

  private JsonNode report(Request request) {
    long millis =
        request.has("olderThanMillis") ? request.number("olderThanMillis", 0, MOST_AGE_MILLIS) : 0;
    LeakReport report = manager.pool(request.text("pool")).report(Duration.ofMillis(millis));
    return LeakText.of(report);
  }

  // --- changes --------------------------------------------------------------------------------

  private JsonNode setThresholds(Request request) {
    manager.setThresholds(
        request.text("pool"), request.decimal("lowPercent"), request.decimal("criticalPercent"));
    return done();
  }

  private JsonNode setCount(Request request) {
    manager.setCount(
        request.text("pool"),
        request.number("blockSizeBytes", 1, Long.MAX_VALUE),
        (int) request.number("count", 1, MOST_COUNT));
    return done();
  }

  private JsonNode setRegions(Request request) {
    manager.setRegions(
        request.text("pool"),
        (int) request.number("least", 0, MOST_REGIONS),
        (int) request.number("most", 1, MOST_REGIONS));
    return done();
  }

  private static Function<Request, JsonNode> change(Consumer<Request> change) {
    return request -> {
      change.accept(request);
      return done();
    };
  }

  private static ObjectNode done() {
    return Json.MAPPER.createObjectNode();
  }

  @Override
  public void close() {
    worker.shutdown();
  }
}
