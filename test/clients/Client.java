import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Places an order, follows it to its end, reads it, lists, and cancels, with the client as it is by default. */
public final class Client {
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  public static void main(String[] args) throws Exception {
    URI base = URI.create(args[0]);
    URI execute = base.resolve("/api/orders/execute");
    HttpResponse<String> placed = send(HttpRequest.newBuilder(execute)
        .header("content-type", "application/json")
        .POST(BodyPublishers.ofString(args[1])));
    System.out.println("place " + placed.statusCode());
    URI order = base.resolve("/api/orders/" + field(placed.body(), "orderId"));
    System.out.println("socket " + follow(field(placed.body(), "wsUrl")));
    System.out.println("read " + send(HttpRequest.newBuilder(order)).statusCode());
    System.out.println("list " + send(HttpRequest.newBuilder(base.resolve("/api/orders"))).statusCode());
    System.out.println("cancel " + send(HttpRequest.newBuilder(order).DELETE()).statusCode());
  }

  private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return HTTP.send(request.build(), BodyHandlers.ofString());
  }

  private static String field(String json, String name) {
    Matcher matcher = Pattern.compile("\"" + name + "\":\"([^\"]*)\"").matcher(json);
    if (!matcher.find()) throw new IllegalStateException(name + " is not in " + json);
    return matcher.group(1);
  }

  private static int follow(String wsUrl) throws Exception {
    CompletableFuture<Integer> closed = new CompletableFuture<>();
    WebSocket.Listener listener = new WebSocket.Listener() {
      @Override
      public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
        closed.complete(code);
        return null;
      }

      @Override
      public void onError(WebSocket socket, Throwable error) {
        closed.completeExceptionally(error);
      }
    };
    HTTP.newWebSocketBuilder().buildAsync(URI.create(wsUrl), listener).get(10, TimeUnit.SECONDS);
    return closed.get(20, TimeUnit.SECONDS);
  }
}
