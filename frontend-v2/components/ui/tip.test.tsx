import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { placeTip, Tip } from "./tip";

describe("placeTip", () => {
  const tip = { width: 100, height: 20 };
  it.each([
    ["above, in the middle", { left: 200, top: 100, bottom: 120, width: 40 }, { left: 170, top: 74 }],
    ["below, at the top of the window", { left: 200, top: 10, bottom: 30, width: 40 }, { left: 170, top: 36 }],
    ["within the left edge", { left: 0, top: 100, bottom: 120, width: 20 }, { left: 8, top: 74 }],
    ["within the right edge", { left: 380, top: 100, bottom: 120, width: 20 }, { left: 292, top: 74 }],
  ])("%s", (_, target, place) => expect(placeTip(target, tip, 400)).toEqual(place));
});

describe("Tip", () => {
  it("describes its trigger while it is pointed at; Escape hides it", async () => {
    render(
      <Tip text="What it means">
        <button>Sharpe</button>
      </Tip>,
    );
    const trigger = screen.getByRole("button");
    await userEvent.hover(trigger);
    expect(await screen.findByRole("tooltip")).toHaveTextContent("What it means");
    expect(trigger).toHaveAccessibleDescription("What it means");
    await userEvent.keyboard("{Escape}");
    expect(screen.queryByRole("tooltip")).toBeNull();
    expect(trigger).not.toHaveAttribute("aria-describedby");
  });
});
