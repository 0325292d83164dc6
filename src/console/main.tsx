import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import './styles/base.css';
import './styles/shell.css';
import './styles/inbox.css';
import './styles/conversation.css';
import './styles/closing.css';
import { createRoot } from 'react-dom/client';
import { App } from './app/App.tsx';
import { startTexts } from './i18n.ts';

const root = document.getElementById('root');
if (root) void startTexts().then(() => createRoot(root).render(<App />));
