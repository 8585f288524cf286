// Trades with Go's standard library: go run client.go URL [URL of an engine whose orders wait, so that there is time to cancel]
// API_KEY is the key, if the engine wants one.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"strings"
	"time"
)

const order = `{ "type": "market", "tokenIn": "A", "tokenOut": "B", "amountIn": "100", "slippageBps": 100 }`

type orderView struct {
	OrderID string `json:"orderId"`
	Status  string `json:"status"`
}

// ask sends a request; anything but success ends the program.
func ask(method, url, body string, headers ...string) *http.Response {
	request, err := http.NewRequest(method, url, strings.NewReader(body))
	check(err)
	if key := os.Getenv("API_KEY"); key != "" {
		request.Header.Set("Authorization", "Bearer "+key)
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	check(err)
	if response.StatusCode >= 300 {
		log.Fatalf("%s %s: %s", method, url, response.Status)
	}
	return response
}

func read(response *http.Response, into any) {
	defer response.Body.Close()
	check(json.NewDecoder(response.Body).Decode(into))
}

func place(engine, key string) (orderView, http.Header) {
	url := engine + "/api/orders/execute"
	response := ask("POST", url, order, "Content-Type", "application/json", "Idempotency-Key", key)
	var placed orderView
	read(response, &placed)
	return placed, response.Header
}

// statuses follows an order over server-sent events from its first to its last.
func statuses(engine, id string) (all []string) {
	response := ask("GET", engine+"/api/orders/"+id+"/events", "")
	defer response.Body.Close()
	lines := bufio.NewScanner(response.Body)
	for lines.Scan() {
		data := strings.TrimPrefix(lines.Text(), "data: ")
		if data == lines.Text() {
			continue
		}
		var event orderView
		check(json.Unmarshal([]byte(data), &event))
		all = append(all, event.Status)
	}
	check(lines.Err())
	return all
}

func main() {
	engine, waiting := os.Args[1], os.Args[len(os.Args)-1]
	key := fmt.Sprintf("go-%d", time.Now().UnixNano())

	placed, _ := place(engine, key)
	fmt.Println("placed", placed.OrderID)
	fmt.Println("events", strings.Join(statuses(engine, placed.OrderID), " "))

	again, headers := place(engine, key)
	fmt.Println("repeated", again.OrderID, headers.Get("Idempotency-Replayed"))

	other, _ := place(waiting, key)
	var canceled orderView
	read(ask("DELETE", waiting+"/api/orders/"+other.OrderID, ""), &canceled)
	fmt.Println("canceled", canceled.Status)

	var page struct{ Orders []orderView }
	read(ask("GET", engine+"/api/orders?limit=100", ""), &page)
	fmt.Print("listed")
	for _, each := range page.Orders {
		fmt.Print(" ", each.OrderID)
	}
	fmt.Println()
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
