import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { Tooltip } from "radix-ui";
import { beforeEach, describe, expect, it } from "vitest";
import { createApi } from "@/lib/api";
import type { ChatHistory, ChatMessage, Run } from "@/lib/types";
import { ChatInterface } from "./chat-interface";
import { RunHeader } from "./runs/run-header";
import { ActionsProvider } from "./shell/actions-provider";
import { AskProvider, useAsk } from "./shell/ask-provider";
import { ApiProvider } from "./shell/auth-provider";
import { useView, ViewProvider } from "./shell/view-provider";

const RUN = {
  id: 50,
  model_id: 2,
  run_number: 5,
  version: 1,
  name: "Momentum",
  currency: "USDT",
  summary: { total_pnl: -5 },
} as Run;
const BASE = "/api/models/2/runs/50";
const NO_HISTORY: ChatHistory = { session_id: null, messages: [] };

interface Asked {
  body: { message: string; session_id: number | null; request_id: string };
  /** Sends an event down the line. */
  say: (event: Record<string, unknown>) => void;
  hangUp: () => void;
  aborted: () => boolean;
}

/** A server that speaks the contract, one stream at a time, under the test's control. */
function fakeServer(history: ChatHistory = NO_HISTORY, branches: Record<string, ChatHistory> = {}) {
  let saved = false;
  const asked: Asked[] = [];
  const posted: { path: string; body: unknown }[] = [];
  const refusals: Response[] = [];
  const json = (value: unknown, status = 200) => new Response(JSON.stringify(value), { status });

  const stream = (init: RequestInit): Response => {
    let count = 0;
    let line!: ReadableStreamDefaultController<Uint8Array>;
    const body = new ReadableStream<Uint8Array>({ start: (controller) => void (line = controller) });
    const { signal } = init;
    signal?.addEventListener("abort", () => line.error(new DOMException("stopped", "AbortError")));
    asked.push({
      body: JSON.parse(String(init.body)) as Asked["body"],
      say: (event) =>
        line.enqueue(new TextEncoder().encode(`event: message\nid: ${++count}\ndata: ${JSON.stringify(event)}\n\n`)),
      hangUp: () => line.close(),
      aborted: () => signal?.aborted ?? false,
    });
    return new Response(body, { status: 200 });
  };
  let loaded: Promise<unknown> = Promise.resolve();
  /** From here on the history is not answered until what is returned is called. */
  const hold = (): (() => void) => {
    let release!: () => void;
    loaded = new Promise<void>((resolve) => void (release = resolve));
    return release;
  };
  const send = async (input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> => {
    const path = String(input).split("?")[0] ?? "";
    const message = new URLSearchParams(String(input).split("?")[1]).get("message_id");
    if (path === `${BASE}/chat-history`) await loaded;
    if (path === `${BASE}/chat-history`) return json(message ? branches[message] : history);
    if (path === `${BASE}/chat-stream`) return refusals.shift() ?? stream(init);
    if (init.method === "POST") {
      posted.push({ path, body: init.body ? JSON.parse(String(init.body)) : null });
      return path.endsWith("chat-keep")
        ? json({ session_id: 3, message_id: 9, user_message_id: 8 })
        : json({ stopped: !saved, saved });
    }
    return json({ items: [], next_cursor: null });
  };
  /** From here on a stop finds the answer saved. */
  const finish = (): void => void (saved = true);
  return { asked, posted, refusals, send, finish, hold };
}

function Keyed() {
  const { conversation } = useView();
  return <ChatInterface key={conversation} run={RUN} />;
}

/** Another part of the run's page. */
function Elsewhere() {
  const ask = useAsk();
  return (
    <>
      <button onClick={() => ask("What about trade #7?")}>Ask about #7</button>
      <button onClick={() => ask("Why the drawdown?", { send: true })}>Ask now</button>
    </>
  );
}

function open(server: ReturnType<typeof fakeServer>) {
  const api = createApi({ getToken: async () => "t", onExpired: () => undefined, fetch: server.send as typeof fetch });
  render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
      <ApiProvider api={api}>
        <Tooltip.Provider>
          <ViewProvider>
            <AskProvider>
              <ActionsProvider onMenu={() => undefined}>
                <RunHeader run={RUN} glance={null} />
                <Keyed />
                <Elsewhere />
              </ActionsProvider>
            </AskProvider>
          </ViewProvider>
        </Tooltip.Provider>
      </ApiProvider>
    </QueryClientProvider>,
  );
}

async function ask(server: ReturnType<typeof fakeServer>, text: string): Promise<Asked> {
  const before = server.asked.length;
  await userEvent.type(await screen.findByTestId("chat-input"), `${text}{Enter}`);
  await waitFor(() => expect(server.asked.length).toBe(before + 1));
  return server.asked[before]!;
}

const said = (id: number, role: "user" | "assistant", content: string, siblings = [id]): ChatMessage => ({
  id,
  role,
  content,
  siblings,
  parent_id: null,
  tool_calls: [],
  tool_results: [],
  checks: [],
  usage: null,
  stopped: false,
  request_id: null,
  timestamp: "",
});

const token = (content: string) => ({ type: "token", content });
const DONE = { type: "done", session_id: 3, message_id: 9, user_message_id: 8 };

beforeEach(() => {
  localStorage.clear();
  window.history.replaceState(null, "", "/?run=50");
});

describe("ChatInterface", () => {
  it("names its run and asks about it", async () => {
    open(fakeServer());
    expect(await screen.findByTestId("run-badge")).toHaveTextContent(/^Run #5$/);
    expect(screen.getByTestId("chat-input")).toHaveAttribute("placeholder", "Ask about this run...");
    expect(await screen.findByRole("button", { name: "Why did this run lose money?" })).toBeInTheDocument();
  });

  it("streams an answer with its tools, and the conversation gets its address", async () => {
    const server = fakeServer();
    open(server);
    const line = await ask(server, "Why?");
    expect(line.body).toMatchObject({ message: "Why?", session_id: null });
    expect(screen.getByTestId("stop-button")).toHaveAccessibleName("Stop");
    line.say({ type: "tool", tool: "analyze_trades", id: "a", args: {} });
    const badge = await screen.findByTestId("tool-badge");
    expect(badge).toHaveAttribute("data-state", "running");
    line.say({
      type: "tool_result",
      tool: "analyze_trades",
      id: "a",
      ok: true,
      duration_ms: 12,
      summary: "s",
      data: {},
    });
    line.say(token("It lost **"));
    line.say(token("-10.00** in fees."));
    line.say({ type: "check", figures: [{ text: "-10.00", start: 10, end: 16, status: "derived" }] });
    line.say({ type: "usage", prompt_tokens: 1200, completion_tokens: 30, cost_usd: 0.002 });
    line.say({ type: "suggestions", questions: ["Which fees?"] });
    line.say(DONE);
    line.hangUp();
    expect(await screen.findByTestId("send-button")).toHaveAccessibleName("Send");
    expect(badge).toHaveAttribute("data-state", "done");
    await waitFor(() => expect(screen.getByTestId("message-assistant")).toHaveTextContent("It lost -10.00 in fees."));
    expect(screen.getByTestId("check-summary")).toHaveTextContent("1 figure checked: 1 derived");
    expect(screen.getByTestId("usage")).toHaveTextContent("1,200 in · 30 out · $0.0020");
    expect(window.location.search).toBe("?run=50&session=3");
    await userEvent.click(screen.getByRole("button", { name: "Which fees?" }));
    await waitFor(() => expect(server.asked[1]?.body).toMatchObject({ message: "Which fees?", session_id: 3 }));
    expect(screen.getAllByTestId("message-user")).toHaveLength(2);
  });

  it("stop closes the line, keeps the text unsaved, and Keep saves it", async () => {
    const server = fakeServer();
    open(server);
    const line = await ask(server, "Why?");
    line.say(token("Half an ans"));
    await screen.findByText("Half an ans");
    await userEvent.click(screen.getByTestId("stop-button"));
    expect(line.aborted()).toBe(true);
    expect(await screen.findByTestId("stopped-note")).toHaveTextContent("Stopped — not saved");
    expect(screen.getByText("Half an ans")).toBeInTheDocument();
    expect(server.posted[0]?.path).toBe(`${BASE}/chat-stream/${line.body.request_id}/stop`);
    expect(window.location.search).toBe("?run=50");
    await userEvent.click(screen.getByTestId("keep-button"));
    await waitFor(() => expect(screen.getByTestId("stopped-note")).toHaveTextContent("Stopped — kept"));
    expect(server.posted.at(-1)).toMatchObject({
      path: `${BASE}/chat-keep`,
      body: { message: "Why?", content: "Half an ans", session_id: null, request_id: line.body.request_id },
    });
    expect(window.location.search).toBe("?run=50&session=3");
  });

  it("Ask again puts the question under a new id, in place of the stopped turn", async () => {
    const server = fakeServer();
    open(server);
    const first = await ask(server, "Why?");
    await userEvent.click(screen.getByTestId("stop-button"));
    await userEvent.click(screen.getByTestId("ask-again-button"));
    await waitFor(() => expect(server.asked).toHaveLength(2));
    expect(server.asked[1]?.body.message).toBe("Why?");
    expect(server.asked[1]?.body.request_id).not.toBe(first.body.request_id);
    expect(screen.getAllByTestId("message-user")).toHaveLength(1);
  });

  it("a line that breaks is taken up again, and the answer goes on", async () => {
    const server = fakeServer();
    open(server);
    const line = await ask(server, "Why?");
    line.say(token("Half "));
    line.hangUp();
    await waitFor(() => expect(server.asked).toHaveLength(2));
    expect(server.asked[1]?.body).toEqual(line.body);
    server.asked[1]?.say(token("and the rest"));
    server.asked[1]?.say({ type: "done", session_id: 3, message_id: 9, user_message_id: 8 });
    expect(await screen.findByText("Half and the rest")).toBeInTheDocument();
    expect(screen.queryByTestId("error-card")).toBeNull();
  });

  it("a broken line that can't be taken up again is an error, and its text stays", async () => {
    const server = fakeServer();
    open(server);
    const line = await ask(server, "Why?");
    line.say(token("Half"));
    const problem = { status: 409, code: "stream_lost", detail: "This stream can't be resumed any more." };
    server.refusals.push(new Response(JSON.stringify(problem), { status: 409 }));
    line.hangUp();
    expect(await screen.findByTestId("error-card")).toHaveAttribute("data-code", "stream_lost");
    expect(screen.getByText("Half")).toBeInTheDocument();
    expect(screen.getByTestId("retry-button")).toBeInTheDocument();
  });

  it("saving is tried again under the id that was paid for", async () => {
    const server = fakeServer();
    open(server);
    const line = await ask(server, "Why?");
    const { request_id } = line.body;
    line.say(token("All"));
    line.say({ type: "error", code: "save_failed", message: "m", retryable: true, request_id });
    line.hangUp();
    await userEvent.click(await screen.findByRole("button", { name: "Save again" }));
    await waitFor(() => expect(server.asked[1]?.body.request_id).toBe(request_id));
  });

  it("a refusal before the stream says what to do", async () => {
    const server = fakeServer();
    const problem = { detail: "No key is stored.", code: "missing_api_key" };
    server.refusals.push(new Response(JSON.stringify(problem), { status: 409 }));
    open(server);
    await userEvent.type(await screen.findByTestId("chat-input"), "Why?{Enter}");
    const card = await screen.findByTestId("error-card");
    expect(card).toHaveTextContent("This strategy has no API key");
    expect(card).toHaveTextContent("No key is stored.");
    expect(screen.getByTestId("error-settings")).toBeInTheDocument();
  });

  it("shows the newest conversation again after a reload, and addresses it", async () => {
    const saved = { tool_calls: [], tool_results: [], checks: [], usage: null, request_id: null, timestamp: "" };
    open(
      fakeServer({
        session_id: 7,
        messages: [
          { ...saved, id: 1, role: "user", content: "Earlier question", stopped: false },
          { ...saved, id: 2, role: "assistant", content: "Earlier answer", stopped: true },
        ],
      }),
    );
    expect(await screen.findByText("Earlier answer")).toBeInTheDocument();
    expect(screen.getByTestId("message-user")).toHaveTextContent("Earlier question");
    expect(await screen.findByTestId("stopped-note")).toHaveTextContent("Stopped — kept");
    await waitFor(() => expect(window.location.search).toBe("?run=50&session=7"));
    await userEvent.click(screen.getByTestId("new-conversation"));
    expect(await screen.findByText("What do you want to know about this run?")).toBeInTheDocument();
    expect(window.location.search).toBe("?run=50&session=new");
  });

  it("a question put from elsewhere waits in the composer, under what was begun there", async () => {
    const server = fakeServer();
    open(server);
    const input = await screen.findByTestId("chat-input");
    await userEvent.click(screen.getByText("Ask about #7"));
    expect(input).toHaveValue("What about trade #7?");
    expect(input).toHaveFocus();
    await userEvent.click(screen.getByText("Ask about #7"));
    expect(input).toHaveValue("What about trade #7?\nWhat about trade #7?");
    expect(server.asked).toHaveLength(0);
  });

  it("a question put from elsewhere to be sent is sent", async () => {
    const server = fakeServer();
    open(server);
    await screen.findByTestId("chat-input");
    await userEvent.click(screen.getByText("Ask now"));
    await waitFor(() => expect(server.asked[0]?.body.message).toBe("Why the drawdown?"));
    expect(screen.getByTestId("chat-input")).toHaveValue("");
  });

  it("what was begun is there again after the conversation was left", async () => {
    open(fakeServer());
    await userEvent.type(await screen.findByTestId("chat-input"), "Half a question");
    await userEvent.click(screen.getByTestId("new-conversation"));
    expect(await screen.findByTestId("chat-input")).toHaveValue("Half a question");
  });

  it("an answer made anew stands for the older one, which can be had again", async () => {
    const older: ChatHistory = {
      session_id: 3,
      messages: [said(1, "user", "Why?"), said(2, "assistant", "First", [2, 9])],
    };
    const server = fakeServer(
      { session_id: 3, messages: [said(1, "user", "Why?"), said(2, "assistant", "First")] },
      { 2: older },
    );
    open(server);
    await screen.findByText("First");
    expect(screen.queryByTestId("version-switch")).toBeNull();
    await userEvent.click(screen.getByTestId("regenerate"));
    await waitFor(() => expect(server.asked).toHaveLength(1));
    expect(server.asked[0]?.body).toMatchObject({ message: "Why?", regenerate: true, parent_id: 1, session_id: 3 });
    server.asked[0]?.say(token("Second"));
    server.asked[0]?.say({ type: "done", session_id: 3, message_id: 9, user_message_id: 1 });
    await waitFor(() => expect(screen.getByTestId("version-switch")).toHaveTextContent("2/2"));
    expect(screen.queryByText("First")).toBeNull();
    await userEvent.click(screen.getByRole("button", { name: "Previous version" }));
    expect(await screen.findByText("First")).toBeInTheDocument();
    expect(screen.getByTestId("version-switch")).toHaveTextContent("1/2");
  });

  it("a version that was stopped and not kept can be had again after another was looked at", async () => {
    const history: ChatHistory = {
      session_id: 3,
      messages: [said(1, "user", "Why?"), said(2, "assistant", "First")],
    };
    const server = fakeServer(history, { 2: history });
    open(server);
    await screen.findByText("First");
    await userEvent.click(screen.getByTestId("regenerate"));
    await waitFor(() => expect(server.asked).toHaveLength(1));
    server.asked[0]?.say(token("Half of the second"));
    await screen.findByText("Half of the second");
    await userEvent.click(screen.getByTestId("stop-button"));
    await userEvent.click(await screen.findByRole("button", { name: "Previous version" }));
    expect(await screen.findByText("First")).toBeInTheDocument();
    expect(screen.queryByText("Half of the second")).toBeNull();
    expect(screen.getByTestId("version-switch")).toHaveTextContent("1/2");
    await userEvent.click(screen.getByRole("button", { name: "Next version" }));
    expect(screen.getByText("Half of the second")).toBeInTheDocument();
    await userEvent.click(screen.getByTestId("keep-button"));
    await waitFor(() =>
      expect(server.posted.at(-1)?.body).toMatchObject({ content: "Half of the second", parent_id: 1 }),
    );
  });

  it("an edited question is asked beside the older one; ↑ begins editing", async () => {
    const server = fakeServer({
      session_id: 3,
      messages: [
        said(1, "user", "One"),
        said(2, "assistant", "Answer one"),
        said(3, "user", "Two"),
        said(4, "assistant", "Answer two"),
      ],
    });
    open(server);
    await screen.findByText("Answer two");
    await userEvent.type(screen.getByTestId("chat-input"), "{ArrowUp}");
    const editor = await screen.findByTestId("question-editor");
    expect(editor).toHaveFocus();
    expect(editor).toHaveValue("Two");
    await userEvent.type(editor, " then{Enter}");
    await waitFor(() => expect(server.asked[0]?.body).toMatchObject({ message: "Two then", edit_of: 3 }));
    expect(screen.getByText("Answer one")).toBeInTheDocument();
    expect(screen.queryByText("Answer two")).toBeNull();
    expect(screen.getAllByTestId("version-switch")[0]).toHaveTextContent("2/2");
  });

  it("a question goes after the answer that is shown", async () => {
    const server = fakeServer({
      session_id: 3,
      messages: [said(1, "user", "One"), said(2, "assistant", "Answer one")],
    });
    open(server);
    await screen.findByText("Answer one");
    const line = await ask(server, "Two");
    expect(line.body).toMatchObject({ message: "Two", parent_id: 2 });
  });

  it("a stop that came too late shows what was saved", async () => {
    const server = fakeServer();
    open(server);
    const line = await ask(server, "Why?");
    line.say(token("Nearly"));
    await screen.findByText("Nearly");
    server.finish();
    await userEvent.click(screen.getByTestId("stop-button"));
    line.say(token(" all of it"));
    line.say(DONE);
    expect(await screen.findByText("Nearly all of it")).toBeInTheDocument();
    expect(screen.queryByTestId("stopped-note")).toBeNull();
    await waitFor(() => expect(window.location.search).toBe("?run=50&session=3"));
  });

  it("says what the whole conversation cost", async () => {
    const usage = { prompt_tokens: 100, completion_tokens: 20, cost_usd: 0.25 };
    const server = fakeServer({
      session_id: 3,
      usage,
      messages: [said(1, "user", "One"), said(2, "assistant", "One.")],
    });
    open(server);
    expect(await screen.findByTestId("session-usage")).toHaveTextContent("$0.25 · 120 tokens");
    const line = await ask(server, "Two");
    line.say({ type: "usage", prompt_tokens: 30, completion_tokens: 10, cost_usd: 0.5 });
    line.say({ type: "done", session_id: 3, message_id: 9, user_message_id: 8 });
    await waitFor(() => expect(screen.getByTestId("session-usage")).toHaveTextContent("$0.75 · 160 tokens"));
  });

  it("Shift+Enter breaks the line and sends nothing", async () => {
    const server = fakeServer();
    open(server);
    const input = await screen.findByTestId("chat-input");
    await userEvent.type(input, "one{Shift>}{Enter}{/Shift}two");
    expect(input).toHaveValue("one\ntwo");
    expect(server.asked).toHaveLength(0);
  });

  it("Enter before the conversation is there sends as soon as it is, into that conversation", async () => {
    const server = fakeServer({ session_id: 7, messages: [said(1, "user", "Earlier"), said(2, "assistant", "Then")] });
    const release = server.hold();
    open(server);
    const input = await screen.findByTestId("chat-input");
    await userEvent.type(input, "And now?{Enter}");
    expect(input).toHaveValue("And now?");
    expect(server.asked).toHaveLength(0);
    release();
    await waitFor(() => expect(server.asked[0]?.body).toMatchObject({ message: "And now?", session_id: 7 }));
    expect(input).toHaveValue("");
  });

  it("what is written on after that Enter is not sent by itself", async () => {
    const server = fakeServer({ session_id: 7, messages: [said(1, "user", "Earlier"), said(2, "assistant", "Then")] });
    const release = server.hold();
    open(server);
    const input = await screen.findByTestId("chat-input");
    await userEvent.type(input, "And now?{Enter} Or");
    release();
    expect(await screen.findByText("Then")).toBeInTheDocument();
    expect(input).toHaveValue("And now? Or");
    expect(server.asked).toHaveLength(0);
  });

  it("leaving the conversation closes the line", async () => {
    const server = fakeServer();
    open(server);
    const line = await ask(server, "Why?");
    await userEvent.click(screen.getByTestId("new-conversation"));
    await waitFor(() => expect(line.aborted()).toBe(true));
  });
});
