/** An id for this tab, which the server joins questions to a conversation by. It says nothing about who asks. */

const STORAGE_KEY = 'spacewatch.tab';

let id: string | undefined;

function made(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function kept(): string | undefined {
  try {
    const text = sessionStorage.getItem(STORAGE_KEY);
    return text && /^[0-9a-f]{32}$/.test(text) ? text : undefined;
  } catch {
    return undefined;
  }
}

function keep(text: string): void {
  try {
    sessionStorage.setItem(STORAGE_KEY, text);
  } catch {
    // Storage may be switched off: then a reload begins anew.
  }
}

export function tabId(): string {
  if (!id) {
    id = kept() ?? made();
    keep(id);
  }
  return id;
}

/** Begins anew: what was said before is no longer part of the conversation. */
export function renewTabId(): void {
  id = made();
  keep(id);
}
