import { Check, Monitor, Moon, Sun } from 'lucide-preact';
import type { JSX } from 'preact';
import { chooseTheme, type Theme, theme } from '../state/theme';
import { Popover } from './parts/popover';

export const THEMES = [
  { id: 'system', label: 'As the system has it', icon: Monitor },
  { id: 'light', label: 'Light', icon: Sun },
  { id: 'dark', label: 'Dark', icon: Moon },
] as const satisfies readonly { id: Theme; label: string; icon: unknown }[];

export function ThemeButton({ rail = false }: { rail?: boolean }): JSX.Element {
  const Icon = THEMES.find(({ id }) => id === theme.value)?.icon ?? Monitor;
  const face = (
    <>
      <Icon size={16} aria-hidden="true" />
      {rail && <span class="rail-label">Theme</span>}
    </>
  );
  return (
    <Popover
      label="Theme"
      labelShown={rail}
      face={face}
      faceClass={rail ? 'rail-item' : 'icon-button'}
      align={rail ? 'start' : 'end'}
      above
    >
      {(close) =>
        THEMES.map(({ id, label, icon: ItemIcon }) => (
          <button
            type="button"
            key={id}
            class="menu-item"
            aria-pressed={theme.value === id}
            onClick={() => {
              chooseTheme(id);
              close();
            }}
          >
            <ItemIcon size={16} aria-hidden="true" />
            {label}
            {theme.value === id && <Check class="menu-check" size={14} aria-hidden="true" />}
          </button>
        ))
      }
    </Popover>
  );
}
