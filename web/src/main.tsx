import { render } from 'preact';
import { startClock } from './state/clock';
import { startPreferences } from './state/preferences';
import { followLink, startRouting } from './state/route';
import { resume, watchIdleness } from './state/session';
import { startTheme } from './state/theme';
import './styles/tokens.css';
import './styles/base.css';
import './styles/panel.css';
import './styles/table.css';
import './styles/frame.css';
import './styles/storage.css';
import './styles/connect.css';
import './styles/assistant.css';
import './styles/admin.css';
import './styles/insight.css';
import { App } from './views/app';

startTheme();
startPreferences();
startClock();
startRouting();
resume(Date.now());
watchIdleness();
document.addEventListener('click', followLink);

const place = document.getElementById('app');
if (place && location.pathname === '/admin')
  // The operator's page knows nothing of tenants and their keys.
  void import('./views/admin/mission-control').then(({ MissionControl }) =>
    render(<MissionControl />, place),
  );
else if (place) render(<App />, place);
