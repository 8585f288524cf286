import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Trades with Java's own HTTP client: {@code java Client.java URL [URL of an engine whose orders wait, to have time to cancel]}.
 * API_KEY is the key, if the engine wants one.
 */
public final class Client {
  private static final String ORDER =
      "{\"type\":\"market\",\"tokenIn\":\"A\",\"tokenOut\":\"B\",\"amountIn\":\"100\",\"slippageBps\":100}";
  private static final String KEY = System.getenv("API_KEY");
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  public static void main(String[] args) throws Exception {
    String engine = args[0];
    String waiting = args[args.length - 1];
    String key = "java-" + UUID.randomUUID();

    String order = place(engine, key).body();
    String id = field("orderId", order);
    System.out.println("placed " + id);
    System.out.println("socket " + overSocket(field("wsUrl", order)));
    System.out.println("events " + overEvents(engine + "/api/orders/" + id + "/events"));

    HttpResponse<String> again = place(engine, key);
    String replayed = again.headers().firstValue("Idempotency-Replayed").orElse("");
    System.out.println("repeated " + field("orderId", again.body()) + " " + replayed);

    String other = field("orderId", place(waiting, key).body());
    String canceled = text(request(waiting + "/api/orders/" + other).DELETE()).body();
    System.out.println("canceled " + field("status", canceled));

    String page = text(request(engine + "/api/orders?limit=100")).body();
    System.out.println("listed " + String.join(" ", fields("orderId", page)));
  }

  private static HttpRequest.Builder request(String url) {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url));
    return KEY == null ? request : request.header("Authorization", "Bearer " + KEY);
  }

  private static HttpResponse<String> place(String engine, String key) throws Exception {
    return text(request(engine + "/api/orders/execute")
        .header("Content-Type", "application/json")
        .header("Idempotency-Key", key)
        .POST(BodyPublishers.ofString(ORDER)));
  }

  private static HttpResponse<String> text(HttpRequest.Builder request) throws Exception {
    return checked(HTTP.send(request.build(), BodyHandlers.ofString()));
  }

  private static <T> HttpResponse<T> checked(HttpResponse<T> response) {
    if (response.statusCode() < 300) return response;
    throw new IllegalStateException(response + " " + response.body());
  }

  /** The statuses of an order from its first, until the engine closes the socket after the last. */
  private static String overSocket(String url) throws Exception {
    CompletableFuture<String> statuses = new CompletableFuture<>();
    WebSocket.Builder builder = HTTP.newWebSocketBuilder();
    if (KEY != null) builder.header("Authorization", "Bearer " + KEY);
    builder.buildAsync(URI.create(url), new WebSocket.Listener() {
      private final StringBuilder message = new StringBuilder();
      private final StringBuilder seen = new StringBuilder();

      @Override
      public CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean isLast) {
        message.append(part);
        if (isLast) {
          seen.append(field("status", message.toString())).append(' ');
          message.setLength(0);
        }
        socket.request(1);
        return null;
      }

      @Override
      public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
        if (code == WebSocket.NORMAL_CLOSURE) statuses.complete(seen.toString().trim());
        else statuses.completeExceptionally(new IllegalStateException(code + " " + reason));
        return null;
      }

      @Override
      public void onError(WebSocket socket, Throwable error) {
        statuses.completeExceptionally(error);
      }
    }).get();
    return statuses.get();
  }

  /** The same as server-sent events. */
  private static String overEvents(String url) throws Exception {
    Stream<String> lines = checked(HTTP.send(request(url).build(), BodyHandlers.ofLines())).body();
    return lines
        .filter(line -> line.startsWith("data: "))
        .map(line -> field("status", line))
        .collect(Collectors.joining(" "));
  }

  /** Java brings no JSON; the fields read here hold plain text. The first of a name is the outermost. */
  private static String field(String name, String json) {
    return fields(name, json).stream().findFirst().orElseThrow();
  }

  private static List<String> fields(String name, String json) {
    return Pattern.compile("\"" + name + "\":\"([^\"]*)\"")
        .matcher(json)
        .results()
        .map((MatchResult match) -> match.group(1))
        .collect(Collectors.toList());
  }
}
