import type { ComponentType, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { startPolling, stopPolling } from '../state/health';
import { go, hrefOf, route } from '../state/route';
import { connected, session } from '../state/session';
import { Connect } from './connect';
import { Toast } from './parts/toast';

/** The connect page, or the frame with the page the address names. Without keys every address asks for them and is kept. */
export function App(): JSX.Element {
  const isConnected = connected.value;
  const { start } = route.value;
  // Nothing of one tenant's page is left when another is shown.
  const who = JSON.stringify(session.value?.credentials);
  useEffect(() => {
    if (isConnected && start) go(hrefOf({ page: 'overview' }), 'replace');
  }, [isConnected, start]);
  useEffect(() => {
    if (!isConnected) return;
    startPolling();
    return stopPolling;
  }, [isConnected]);
  return (
    <>
      {isConnected ? <Dashboard key={who} /> : <Connect />}
      <Toast />
    </>
  );
}

/** The dashboard is a chunk of its own, so that the first page is small. */
function Dashboard(): JSX.Element | null {
  const [Frame, setFrame] = useState<ComponentType>();
  useEffect(() => {
    void import('./frame').then((loaded) => setFrame(() => loaded.Frame));
  }, []);
  return Frame ? <Frame /> : null;
}
