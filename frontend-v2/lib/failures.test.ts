import { describe, expect, it } from "vitest";
import { ApiError } from "./api";
import { failureText, waitText } from "./failure-texts";
import { failureOf } from "./failures";

describe("a limit's refusal", () => {
  it.each(["too_many_requests", "too_many_streams", "token_limit", "cost_limit", "upload_limit"])(
    "of code %s has a text of its own and may be tried again",
    (code) => {
      expect(failureText(code).title).not.toBe(failureText("no such code").title);
      const failure = failureOf(new ApiError(429, code, "Used up.", [], 90));
      expect(failure).toMatchObject({ code, message: "Used up.", retryable: true, retryAfter: 90 });
    },
  );

  it.each([
    [null, ""],
    [0, ""],
    [1.2, " Try again in 2 s."],
    [119, " Try again in 119 s."],
    [600, " Try again in 10 minutes."],
    [40_000, " Try again in 12 hours."],
  ])("says how long to wait for %s s", (seconds, text) => expect(waitText(seconds)).toBe(text));
});

describe("an answer that the server ended", () => {
  it.each(["slow_reader", "shutting_down", "upstream_timeout", "shared_state_unavailable"])(
    "with %s says what to do",
    (code) => {
      const { title, hint } = failureText(code);
      expect(title).not.toBe(failureText("no such code").title);
      expect(hint).toMatch(/again/i);
    },
  );
});
