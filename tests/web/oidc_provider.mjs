// An OpenID Connect provider on the loopback address, for tests. Anybody signs in with any name.
// Arguments: the port, the redirect address of the client, and whether claims are in the token.
import Provider from 'oidc-provider';

const [port, redirectUri] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;
const provider = new Provider(issuer, {
  clients: [{
    client_id: 'register',
    client_secret: 'invented-secret-of-the-client',
    redirect_uris: [redirectUri],
    post_logout_redirect_uris: [redirectUri.replace('/callback', '')],
  }],
  claims: { openid: ['sub'], email: ['email', 'email_verified'] },
  pkce: { required: () => true },
  findAccount: (context, id) => ({
    accountId: id,
    claims: () => ({
      sub: id,
      email: `${id}@example.org`,
      email_verified: !id.startsWith('unverified'),
    }),
  }),
});
provider.listen(Number(port), '127.0.0.1', () => console.log('ready'));
