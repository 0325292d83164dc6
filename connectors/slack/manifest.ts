/** Prints the manifest of the Slack app: `npx node connectors/slack/manifest.ts --url https://desk.example.com/hooks/slack`, or `--socket`. */
import { Command } from 'commander';
import { manifest } from './manifest-parts.ts';

const program = new Command('manifest')
  .description('Prints the manifest of the Slack app, to be pasted at api.slack.com/apps')
  .option('--url <address>', 'where Slack reaches the channel: https://<your Deskbridge>/hooks/<channel name>')
  .option('--socket', 'Socket Mode: Deskbridge connects to Slack, and needs no public address', false)
  .option('--name <name>', 'name of the app and its bot', 'Deskbridge')
  .option('--command <command>', 'the slash command; the same as in the settings', '/ticket')
  .option('--no-agent-name', 'replies carry the bot’s name (setting showAgentName: false)')
  .action(({ url, socket, name, command, agentName }: { url?: string; socket: boolean; name: string; command: string; agentName: boolean }) => {
    if ((url === undefined) === !socket) program.error('give either --url or --socket');
    if (url !== undefined && !/^https:\/\/[^\s/]+\/hooks\/[^\s/]+$/.test(url)) program.error('--url must look like https://desk.example.com/hooks/slack');
    process.stdout.write(`${JSON.stringify(manifest({ url, name, command, showAgentName: agentName }), null, 2)}\n`);
  });

program.parse();
