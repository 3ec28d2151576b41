import { Monitor, Moon, Sun } from "lucide-react";
import { cn } from "@/lib/cn";
import { chooseTheme, THEMES, useThemeChoice, type ThemeChoice } from "@/lib/theme";

const LOOKS: Record<ThemeChoice, { label: string; icon: typeof Sun }> = {
  dark: { label: "Dark", icon: Moon },
  light: { label: "Light", icon: Sun },
  system: { label: "As the system", icon: Monitor },
};

/** Dark, light, or as the machine is set: radio buttons, so that arrow keys move between them. */
export function ThemeSwitch() {
  const choice = useThemeChoice();
  return (
    <fieldset data-testid="theme-switch" className="flex rounded-md border p-0.5">
      <legend className="sr-only">Theme</legend>
      {THEMES.map((theme) => {
        const { label, icon: Icon } = LOOKS[theme];
        return (
          <label
            key={theme}
            title={label}
            className={cn(
              "grid size-6 cursor-pointer place-items-center rounded has-focus-visible:outline-2 has-focus-visible:outline-accent-ink",
              choice === theme ? "bg-hover text-ink" : "text-ink-3 hover:text-ink",
            )}
          >
            <input
              type="radio"
              name="theme"
              className="sr-only"
              value={theme}
              aria-label={label}
              data-testid={`theme-${theme}`}
              checked={choice === theme}
              onChange={() => chooseTheme(theme)}
            />
            <Icon className="size-3.5" aria-hidden />
          </label>
        );
      })}
    </fieldset>
  );
}
