import { Button, Modal, NativeSelect, Textarea, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ChannelView, ConversationDetail, StartRequest } from '../../api/contract.ts';
import { ApiError, call } from '../api/client.ts';
import { newId } from '../api/ids.ts';
import { conversationQuery } from '../api/queries.ts';
import { client } from '../app/client.ts';
import { completeTemplate, nothingFilled, TemplateForm } from '../conversation/TemplateForm.tsx';
import { Keycap } from '../parts/Keycap.tsx';
import { problemText } from '../parts/problem-text.ts';
import { PhoneInput, wholeNumber } from './PhoneInput.tsx';

export interface AboutTicket {
  readonly helpdesk: string;
  readonly id: string;
  readonly number: string;
  readonly requester: string | null;
}

export interface NewConversationProps {
  readonly channels: readonly ChannelView[];
  readonly ticket?: AboutTicket | undefined;
  readonly close: () => void;
}

/** The conversation that is open with this person already, if that is why nothing was sent. */
function openAlready(error: unknown): { conversation: string; contact: string } | undefined {
  const problem = error instanceof ApiError && error.key === 'conversation-open' ? (error.problem as { conversation?: string; contact?: string }) : undefined;
  return problem?.conversation ? { conversation: problem.conversation, contact: problem.contact ?? '' } : undefined;
}

/** Writing first: whom, by which channel, and what. */
export default function NewConversation({ channels, ticket, close }: NewConversationProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  // One id for all attempts: what was sent although its answer was lost is not sent again.
  const id = useRef(newId());
  const phoneBox = useRef<HTMLInputElement>(null);
  const [name, setName] = useState(channels[0]?.name ?? '');
  const [phone, setPhone] = useState('');
  const [who, setWho] = useState(ticket?.requester ?? '');
  const [text, setText] = useState('');
  const [filled, fill] = useState(nothingFilled);
  const [tried, trying] = useState(false);
  const channel = channels.find((one) => one.name === name) ?? channels[0];
  const template = completeTemplate(channel?.templates ?? [], filled);
  const start = useMutation({
    mutationFn: (body: StartRequest) => call<ConversationDetail>('POST', '/conversations', { body }),
    onSuccess: (made) => {
      client.setQueryData(conversationQuery(made.id).queryKey, made);
      void client.invalidateQueries({ queryKey: ['conversations'] });
      goTo(made.id);
    },
  });
  const goTo = (conversation: string): void => {
    close();
    void navigate({ to: '/conversations/$id', params: { id: conversation }, search: {} });
  };
  if (!channel) return null;
  const number = wholeNumber(phone, channel.country);
  const says = channel.needsTemplate ? template !== undefined : text.trim() !== '';
  const other = openAlready(start.error);
  const phoneRefused = start.error instanceof ApiError && start.error.key === 'phone';

  const send = (event: FormEvent | React.KeyboardEvent): void => {
    event.preventDefault();
    trying(true);
    if (start.isPending || !number || !says) {
      if (!number) phoneBox.current?.focus();
      return;
    }
    start.mutate({
      id: id.current,
      channel: channel.name,
      phone: number,
      ...(who.trim() ? { name: who.trim() } : {}),
      ...(channel.needsTemplate && template ? { template: { id: template.id, values: template.values } } : { text: text.trim() }),
      ...(ticket ? { ticket: { helpdesk: ticket.helpdesk, id: ticket.id } } : {}),
    });
  };
  return (
    <Modal opened onClose={close} title={t('start.title')} closeButtonProps={{ 'aria-label': t('action.close') }} returnFocus>
      <form
        className="start-form"
        data-keys-blocked
        noValidate
        onSubmit={send}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && !event.nativeEvent.isComposing) send(event);
        }}
      >
        {ticket && <p className="start-about">{t('start.about', { number: ticket.number })}</p>}
        {channels.length > 1 && (
          <NativeSelect
            label={t('start.channel')}
            value={channel.name}
            onChange={(event) => setName(event.currentTarget.value)}
            data={channels.map((one) => ({ value: one.name, label: one.title }))}
          />
        )}
        <PhoneInput ref={phoneBox} value={phone} country={channel.country} change={setPhone} refused={phoneRefused || (tried && !number)} />
        <TextInput label={t('start.name')} autoComplete="off" maxLength={200} value={who} onChange={(event) => setWho(event.currentTarget.value)} />
        {channel.needsTemplate ? (
          <TemplateForm templates={channel.templates} filled={filled} change={fill} />
        ) : (
          <Textarea
            label={t('start.text')}
            autosize
            minRows={4}
            maxRows={12}
            maxLength={channel.maxTextLength}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
        )}
        <div role="alert">
          {other ? (
            <p className="start-open">
              {t('start.openAlready', { name: other.contact || t('contact.unnamed') })}{' '}
              <button type="button" className="link-button" onClick={() => goTo(other.conversation)}>
                {t('start.goThere')}
              </button>
            </p>
          ) : (
            <p className="form-error">
              {start.error && !phoneRefused
                ? problemText(start.error)
                : tried && number && !says
                  ? t(channel.needsTemplate ? 'problem.template-values' : 'start.write')
                  : ''}
            </p>
          )}
        </div>
        <div className="start-foot">
          <Button variant="default" onClick={close}>
            {t('action.cancel')}
          </Button>
          <Button type="submit" loading={start.isPending} aria-keyshortcuts="Control+Enter" rightSection={<Keycap>Ctrl ⏎</Keycap>}>
            {t('start.send')}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
