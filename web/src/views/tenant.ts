/** Going from one tenant of the tab to another. */

import { go, hrefOf } from '../state/route';
import { type Session, switchTo } from '../state/session';

/** Shows a tenant from its overview: the place that is shown belongs to another. */
export function show(tenant: Session): void {
  switchTo(tenant);
  go(hrefOf({ page: 'overview' }));
}
