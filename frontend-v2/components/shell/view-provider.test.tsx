import { act, renderHook } from "@testing-library/react";
import { beforeEach, describe, expect, it } from "vitest";
import { useView, ViewProvider, type ViewControl } from "./view-provider";

let shown: { current: ViewControl };

beforeEach(() => {
  window.history.replaceState(null, "", "/?run=7");
  shown = renderHook(useView, { wrapper: ViewProvider }).result;
});

describe("ViewProvider", () => {
  it("keeps a conversation that gets its id open", () => {
    const { conversation } = shown.current;
    act(() => shown.current.adoptSession(4, conversation));
    expect(shown.current.view.session).toBe(4);
    expect(shown.current.conversation).toBe(conversation);
    expect(window.location.search).toBe("?run=7&session=4");
  });

  it("does not bring back a conversation that was left in the same moment", () => {
    const { conversation } = shown.current;
    act(() => {
      shown.current.go({ session: "new" });
      shown.current.adoptSession(4, conversation);
    });
    expect(shown.current.view.session).toBe("new");
    expect(shown.current.conversation).toBe(conversation + 1);
    expect(window.location.search).toBe("?run=7&session=new");
  });
});
