package io.cistern.dashboard;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * The files of the page: a fixed list, read once, so that no path can lead anywhere else. They hold
 * no data; what the page shows comes through the WebSocket. The browser is told to load nothing
 * from elsewhere.
 */
final class PageHandler extends Handler.Abstract.NonBlocking {
  private static final Map<String, String> TYPES =
      Map.of(
          "html", "text/html;charset=utf-8",
          "css", "text/css;charset=utf-8",
          "js", "text/javascript;charset=utf-8",
          "json", "application/json",
          "svg", "image/svg+xml",
          "txt", "text/plain;charset=utf-8");

  private static final Set<String> FILES =
      Set.of(
          "index.html",
          "style.css",
          "icon.svg",
          "app.js",
          "link.js",
          "format.js",
          "view.js",
          "charts.js",
          "map.js",
          "panels.js",
          "figures.js",
          "uplot.js",
          "uplot.css",
          "uplot.LICENSE.txt",
          "schema-v1.json");

  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
          + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  private final Access access;
  private final Map<String, byte[]> files = new HashMap<>();

  PageHandler(Access access) {
    this.access = access;
    FILES.forEach(name -> files.put("/" + name, read(name)));
    files.put("/", read("index.html"));
  }

  private static byte[] read(String name) {
    try (InputStream in = PageHandler.class.getResourceAsStream("page/" + name)) {
      if (in == null) {
        throw new IllegalStateException("the page has no file " + name);
      }
      return in.readAllBytes();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  static boolean isAllowed(Request request, Access access) {
    return access.mayAskFor(Request.getServerName(request));
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    String path = Request.getPathInContext(request);
    byte[] file = files.get(path);
    boolean isHead = HttpMethod.HEAD.is(request.getMethod());
    if (!isAllowed(request, access)) {
      Response.writeError(request, response, callback, HttpStatus.FORBIDDEN_403, "not this host");
    } else if (path.equals("/api")) {
      Response.writeError(
          request, response, callback, HttpStatus.UPGRADE_REQUIRED_426, "connect with a WebSocket");
    } else if (!isHead && !HttpMethod.GET.is(request.getMethod())) {
      Response.writeError(request, response, callback, HttpStatus.METHOD_NOT_ALLOWED_405);
    } else if (file == null) {
      Response.writeError(request, response, callback, HttpStatus.NOT_FOUND_404);
    } else {
      addHeaders(response, path.equals("/") ? "html" : path.substring(path.lastIndexOf('.') + 1));
      response.getHeaders().put(HttpHeader.CONTENT_LENGTH, file.length);
      response.write(true, isHead ? null : ByteBuffer.wrap(file), callback);
    }
    return true;
  }

  private static void addHeaders(Response response, String ending) {
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, TYPES.getOrDefault(ending, "text/plain"));
    response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-cache");
    response.getHeaders().put(new HttpField("Content-Security-Policy", POLICY));
    response.getHeaders().put(new HttpField("X-Content-Type-Options", "nosniff"));
    response.getHeaders().put(new HttpField("Referrer-Policy", "no-referrer"));
    response.getHeaders().put(new HttpField("Cross-Origin-Resource-Policy", "same-origin"));
  }
}
