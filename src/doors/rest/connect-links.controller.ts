import { Controller, Inject } from '@nestjs/common';
import { ConnectLinks, type OpenedLink } from '../../accounts/connect-links.js';
import { Callers } from '../../callers/callers.js';
import { CONFIG, type Config } from '../../config/config.js';
import { Catalogue } from '../../execution/catalogue.js';
import { ConnectCookie } from '../connect-cookie.js';
import { Consents } from '../consents.js';
import { type PublicRequest, Route } from '../door/route.js';
import { renderAskingPage, renderNotConnectedPage } from '../pages/connect-page.js';
import { describeForList, readFailure, sendPage } from './connect-replies.js';
import { LINK_ANSWERS } from './consent-schemas.js';

/** What the owner of an account sees by a link that a caller has sent, without a login here. */
@Controller()
export class ConnectLinksController {
  constructor(
    private readonly links: ConnectLinks,
    private readonly consents: Consents,
    private readonly catalogue: Catalogue,
    private readonly callers: Callers,
    private readonly cookie: ConnectCookie,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Route({
    method: 'GET',
    path: '/oauth/invitations/:secret',
    tag: 'Accounts',
    summary: 'What the owner of an account opens: who asks, for what, and the way to the platform',
    needs: 'public',
    perMinute: 60,
    answers: {
      200: { description: 'The page', content: { 'text/html': { schema: { type: 'string' } } } },
      ...LINK_ANSWERS,
    },
  })
  async showInvitation({ params, reply }: PublicRequest): Promise<void> {
    const { sandbox } = this.config;
    const secret = params['secret'] ?? '';
    try {
      const { link, caller } = await this.#open(secret);
      const asked = await this.consents.describe(caller, link);
      const page = renderAskingPage(
        {
          ...asked,
          from: this.callers.nameOf(link.callerId),
          expiresAt: link.expiresAt,
          next: `/oauth/invitations/${secret}/continue`,
        },
        { sandbox },
      );
      sendPage(reply, 200, page);
    } catch (error) {
      const { http, reason, advice } = readFailure(error);
      sendPage(reply, http, renderNotConnectedPage(reason, advice, { sandbox }));
    }
  }

  @Route({
    method: 'GET',
    path: '/oauth/invitations/:secret/continue',
    tag: 'Accounts',
    summary: 'Leads the owner of an account to the platform, without a login here',
    needs: 'public',
    perMinute: 60,
    answers: { 302: { description: 'To the platform' }, ...LINK_ANSWERS },
  })
  async openInvitation({ params, reply }: PublicRequest): Promise<void> {
    const secret = params['secret'] ?? '';
    let opened: OpenedLink | undefined;
    try {
      opened = await this.#open(secret);
      const { link, caller } = opened;
      const wanted = {
        ...(link.accountId !== null && { account_id: link.accountId }),
        ...(link.groups !== null && { groups: link.groups }),
      };
      const consent = await this.consents.begin(caller, link.platform, wanted, link.id);
      void reply
        .header('set-cookie', this.cookie.write(secret))
        .header('referrer-policy', 'no-referrer')
        .header('cache-control', 'no-store')
        .redirect(consent.authorizationUrl, 302);
    } catch (error) {
      const { http, reason, advice } = readFailure(error);
      if (opened) await this.links.settle(opened.link, { error: describeForList(error) });
      const { sandbox } = this.config;
      sendPage(reply, http, renderNotConnectedPage(reason, advice, { sandbox }));
    }
  }

  #open(secret: string): Promise<OpenedLink> {
    return this.links.open(secret, (name) => this.catalogue.platform(name));
  }
}
