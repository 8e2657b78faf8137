import { render } from 'preact';
import { startClock } from './state/clock';
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
import { App } from './views/app';

startTheme();
startClock();
startRouting();
resume(Date.now());
watchIdleness();
document.addEventListener('click', followLink);

const place = document.getElementById('app');
if (place) render(<App />, place);
