import type { Row } from "./rows-access.ts";

/**
 * What Nomad says of a login at an auth method (nomad/acl_endpoint.go, Login; lib/auth/jwt). Each is the matter of somebody: of whoever
 * signs in, of whoever runs Nomad, or of whoever runs the provider.
 */
export const loginRows: readonly Row[] = [
  {
    kind: "bad_token",
    text: /unable to validate provided token:.*audience/s,
    tells:
      "Nomad's auth method does not take tokens for this server: whoever runs Nomad adds what the provider puts into aud, mostly the address of this server, to its BoundAudiences.",
  },
  {
    kind: "bad_token",
    text: /unable to validate provided token:.*(issuer|iss property)/is,
    tells:
      "Nomad's auth method does not take tokens of this provider: whoever runs Nomad adds its address to BoundIssuer, as the provider writes it in iss, to the last slash.",
  },
  {
    kind: "bad_token",
    text: /unable to validate provided token:.*(token is expired|past its expiration)/s,
    tells: "The access token has expired by Nomad's clock: sign in again. Where it has not, a clock is wrong.",
  },
  {
    kind: "bad_token",
    text: /unable to validate provided token:.*(not yet valid|not before|issued at)/s,
    tells:
      "By Nomad's clock the access token is not valid yet: compare the clocks of Nomad's servers and of the provider.",
  },
  {
    kind: "bad_token",
    text: /unable to validate provided token:.*(fetching keys|get keys failed|unable to get validation keys)/s,
    tells:
      "Nomad's servers cannot read the provider's keys: whoever runs Nomad looks whether they reach the auth method's JWKSURL or OIDCDiscoveryURL, and trust its certificate (JWKSCACert, DiscoveryCaPem).",
  },
  {
    kind: "bad_token",
    text: /unable to validate provided token:.*(signature|signing|algorithm|JWT)/s,
    tells:
      "Nomad knows no key that signed the access token: whoever runs Nomad sets the auth method's JWKSURL, OIDCDiscoveryURL or JWTValidationPubKeys to those of the provider that people sign in at, and SigningAlgs to its algorithm.",
  },
  {
    kind: "forbidden",
    text: /no role or policy bindings matched/,
    tells:
      "Nomad gives you nothing: no binding rule of the auth method fits what the provider says of you. Whoever runs Nomad can add one whose selector names a group that you are in.",
  },
  {
    kind: "not_found",
    text: /auth-method ".*" not found/s,
    tells:
      "Nomad has no auth method of that name: whoever runs this server corrects NOMAD_MCP_LOGIN_METHOD, or whoever runs Nomad makes the method.",
  },
  {
    kind: "unsupported",
    text: /unsupported auth-method type/,
    tells:
      "That auth method is one for browsers. Here it takes one of type JWT: whoever runs this server names it in NOMAD_MCP_LOGIN_METHOD.",
  },
  {
    kind: "unclear",
    text: /failed to generate ACL token name/,
    tells:
      "The auth method's TokenNameFormat uses a claim that is not in the access token, or not in its ClaimMappings: whoever runs Nomad takes another claim, or has the provider send that one.",
  },
];
