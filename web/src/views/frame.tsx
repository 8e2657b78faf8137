import { CircleHelp, Ellipsis, LoaderCircle, LogOut, RefreshCw, Search, Sparkles } from 'lucide-preact';
import type { ComponentType, JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import icon from '../icon.svg';
import { span } from '../lib/format';
import { utc } from '../lib/time';
import { drawer } from '../state/assistant';
import { now } from '../state/clock';
import { works } from '../state/query';
import { refreshable } from '../state/refresh';
import { hrefOf, type PageId, route } from '../state/route';
import { disconnect, session } from '../state/session';
import { sheet } from '../state/sheets';
import { Breadcrumb } from './breadcrumb';
import { Help } from './help';
import { PAGES } from './pages';
import { Palette } from './palette';
import { Popover } from './parts/popover';
import { progressText, Skeleton } from './parts/states';
import { listenToKeys, toggleAssistant } from './shortcuts';
import { ThemeButton } from './theme-button';

/** What stays around every page. */
export function Frame(): JSX.Element {
  useEffect(listenToKeys, []);
  const close = () => {
    sheet.value = undefined;
  };
  return (
    <div class={drawer.value === 'pinned' ? 'frame frame-pinned' : 'frame'}>
      <a class="skip" href="#content">
        Skip to the content
      </a>
      <Rail />
      <header class="bar">
        <Breadcrumb />
        <span class="bar-gap" />
        <WorkIndicator />
        <Refresh />
        <button type="button" class="search-button" onClick={() => (sheet.value = 'search')}>
          <Search size={15} aria-hidden="true" />
          <span>Search</span>
          <kbd>/</kbd>
        </button>
        <AssistantButton />
      </header>
      <Content />
      <AssistantDrawer />
      {(sheet.value === 'palette' || sheet.value === 'search') && (
        <Palette search={sheet.value === 'search'} close={close} />
      )}
      {sheet.value === 'help' && <Help close={close} />}
    </div>
  );
}

function AssistantButton(): JSX.Element | null {
  if (route.value.page === 'assistant') return null;
  const open = drawer.value !== 'closed';
  return (
    <button
      type="button"
      id="assistant-button"
      class="icon-button"
      aria-expanded={open}
      aria-pressed={open}
      aria-label="Assistant"
      title="Ask the assistant (a)"
      onClick={toggleAssistant}
    >
      <Sparkles size={16} aria-hidden="true" />
    </button>
  );
}

/** The drawer is a chunk of its own that comes when it is first opened. */
function AssistantDrawer(): JSX.Element | null {
  const [Drawer, setDrawer] = useState<ComponentType>();
  const open = drawer.value !== 'closed' && route.value.page !== 'assistant';
  useEffect(() => {
    if (open) void import('./assistant/drawer').then((loaded) => setDrawer(() => loaded.Drawer));
  }, [open]);
  return open && Drawer ? <Drawer /> : null;
}

function Rail(): JSX.Element {
  return (
    <nav class="rail" aria-label="Pages">
      <a class="brand" href={hrefOf({ page: 'overview' })}>
        <img src={icon} alt="" />
        <span class="rail-label">SpaceWatch</span>
      </a>
      {PAGES.map(({ id, label, icon: Icon, minor }) => (
        <a
          key={id}
          class={minor ? 'rail-item rail-minor' : 'rail-item'}
          href={hrefOf({ page: id })}
          aria-current={route.value.page === id ? 'page' : undefined}
          title={label}
        >
          <Icon size={18} aria-hidden="true" />
          <span class="rail-label">{label}</span>
        </a>
      ))}
      <span class="rail-gap" />
      <ThemeButton rail />
      <More />
      <button type="button" class="rail-item rail-minor" title="Help" onClick={() => (sheet.value = 'help')}>
        <CircleHelp size={16} aria-hidden="true" />
        <span class="rail-label">Help</span>
      </button>
      <button
        type="button"
        class="rail-item rail-minor"
        title={`Disconnect ${session.value?.name ?? ''} and forget the keys`}
        onClick={() => disconnect()}
      >
        <LogOut size={16} aria-hidden="true" />
        <span class="rail-label">Disconnect</span>
      </button>
    </nav>
  );
}

/** On a phone: what the bar below has no room for. */
function More(): JSX.Element {
  const face = (
    <>
      <Ellipsis size={16} aria-hidden="true" />
      <span class="rail-label">More</span>
    </>
  );
  return (
    <div class="rail-more">
      <Popover label="More" labelShown face={face} faceClass="rail-item" align="end" above>
        {(close) => (
          <>
            {PAGES.filter(({ minor }) => minor).map(({ id, label, icon: Icon }) => (
              <a
                key={id}
                class="menu-item"
                href={hrefOf({ page: id })}
                aria-current={route.value.page === id ? 'page' : undefined}
                onClick={() => setTimeout(close)}
              >
                <Icon size={16} aria-hidden="true" />
                {label}
              </a>
            ))}
            <button
              type="button"
              class="menu-item"
              onClick={() => {
                close();
                sheet.value = 'help';
              }}
            >
              <CircleHelp size={16} aria-hidden="true" />
              Help
            </button>
            <button type="button" class="menu-item" onClick={() => disconnect()}>
              <LogOut size={16} aria-hidden="true" />
              Disconnect and forget the keys
            </button>
          </>
        )}
      </Popover>
    </div>
  );
}

/** The page of the address. The one before stays until the next is there. */
function Content(): JSX.Element {
  const { page, bucket } = route.value;
  const [shown, setShown] = useState<{ id: PageId; View: ComponentType }>();
  const content = useRef<HTMLElement>(null);
  useEffect(() => {
    let gone = false;
    void (PAGES.find(({ id }) => id === page) ?? PAGES[0])?.load().then((View) => {
      if (!gone) setShown({ id: page, View });
    });
    return () => {
      gone = true;
    };
  }, [page]);
  useEffect(() => {
    const label = PAGES.find(({ id }) => id === page)?.label ?? '';
    document.title = `${bucket || label} · SpaceWatch`;
  }, [page, bucket]);
  return (
    <main class="content" id="content" tabIndex={-1} ref={content}>
      {shown ? <shown.View /> : <Skeleton rows={8} label="Loading" />}
    </main>
  );
}

function Refresh(): JSX.Element | null {
  const offered = refreshable.value;
  if (!offered) return null;
  const { at, busy, refresh } = offered;
  const age = at === undefined ? '' : `${span(Math.max(0, now.value - at) / 1_000)} old`;
  return (
    <button
      type="button"
      class="refresh"
      title={at === undefined ? 'Refresh' : `As of ${utc(at)}. Refresh (r)`}
      onClick={refresh}
    >
      <span class="hidden-text">Refresh, </span>
      <span class="refresh-age">{age}</span>
      <RefreshCw size={15} class={busy ? 'turning' : undefined} aria-hidden="true" />
    </button>
  );
}

/** What is being worked on, with figures and a way to stop it. */
function WorkIndicator(): JSX.Element | null {
  // Nothing is shown for what is quick.
  const list = works.value.filter((work) => now.value - work.startedAt >= 1_000);
  if (list.length === 0) return null;
  const face = (
    <>
      <LoaderCircle size={14} class="turning" aria-hidden="true" />
      <span>{list.length === 1 ? 'Working' : `${list.length} running`}</span>
    </>
  );
  return (
    <Popover label="Work in progress" face={face} faceClass="work-button" align="end">
      {() =>
        list.map((work) => (
          <div class="work-item" key={work.id}>
            <strong title={work.label}>{work.label}</strong>
            <button type="button" class="button button-small" onClick={work.cancel}>
              Cancel
            </button>
            <span class="muted">
              {progressText(work.progress)} · {span((now.value - work.startedAt) / 1_000)}
            </span>
          </div>
        ))
      }
    </Popover>
  );
}
