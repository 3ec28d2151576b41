import { act, render } from "@testing-library/react";
import { beforeEach, describe, expect, it } from "vitest";
import { useView, ViewProvider, type ViewControl } from "./view-provider";

let view: ViewControl;

function Probe() {
  view = useView();
  return null;
}

beforeEach(() => {
  window.history.replaceState(null, "", "/?run=7");
  render(
    <ViewProvider>
      <Probe />
    </ViewProvider>,
  );
});

describe("ViewProvider", () => {
  it("keeps a conversation that gets its id open", () => {
    const { conversation } = view;
    act(() => view.adoptSession(4, conversation));
    expect(view.view.session).toBe(4);
    expect(view.conversation).toBe(conversation);
    expect(window.location.search).toBe("?run=7&session=4");
  });

  it("does not bring back a conversation that was left in the same moment", () => {
    const { conversation } = view;
    act(() => {
      view.go({ session: "new" });
      view.adoptSession(4, conversation);
    });
    expect(view.view.session).toBe("new");
    expect(view.conversation).toBe(conversation + 1);
    expect(window.location.search).toBe("?run=7&session=new");
  });
});
