import { judgedOnce } from "./judged-once.ts";

/**
 * How surely a name says that its value is secret.
 * - `secret`: whatever the value (`DB_PASSWORD`, `apiKey`, `X-Nomad-Token`).
 * - `token`: alone, such a word is as often prose or a column; with the punctuation of data it is secret (`token=...`).
 * - `hint`: only where the value looks like a secret, too (`SOME_KEY`, `cookie`, `PASSWORD_POSTGRES`).
 */
export type NameKind = "secret" | "token" | "hint";

/** The kind of a name as job files, environments, headers and flags write it; undefined for one that tells of no secret. */
export function kindOfName(written: string): NameKind | undefined {
  const name = withoutNumber(written);
  return name.length > longestName ? undefined : kindOnce(name);
}

/**
 * True for the name of what is open by its nature, however random it looks: an id, a digest, a commit, a version, a place.
 * Of such a name {@link kindOfName} tells nothing.
 */
export function isOpenName(written: string): boolean {
  const name = withoutNumber(written);
  return name.length <= longestName && openOnce(name);
}

/** `DB_PASSWORD_17` tells what `DB_PASSWORD_` does: of a thousand names that are counted one is judged. */
function withoutNumber(name: string): string {
  let end = name.length;
  while (end > 0 && isDigit(name.charCodeAt(end - 1))) end--;
  // As many as `wordsOf` leaves out; behind a dot it is another part of the name that tells.
  return name.length - end > 8 || name.includes(".") ? name : name.slice(0, end);
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** Each secret name has one of these in it, in small or capital letters: the others need no closer look. */
export const telling =
  /pass|pwd|pw|psk|pswd|pat(?![a-z])|licen|codes|secret|token|key|cred|auth|bearer|cookie|jwt|sig|dsn|salt|pepper|otp|pin|sas|webhook|connection|hmac|fernet|unseal|seed|mnemonic|recovery|community|senha|kennwort|geheim|contrase|mdp|parol|has[lł]o|heslo|wacht|l[oö]sen|adgang|salasana|jelsz|slapta|lozink|geslo|[sş]ifre|парол|секрет|密|口令|パスワード|暗証|비밀|암호/i;

const longestName = 128;
const kindOnce = judgedOnce((name) => (telling.test(name) ? judge(wordsOf(name)) : undefined));

const openOnce = judgedOnce((name) => {
  const words = wordsOf(name);
  const last = words.at(-1) ?? "";
  if (openWords.has(last) || aspects.has(last) || /(?:sha|host|url|uri|version|uuid|guid)$|[a-z]{2}id$/.test(last))
    return true;
  return (last === "key" || last === "keys") && words.at(-2) !== "join" && openKeys.has(words.at(-2) ?? "");
});

/** `spring.datasource.dbPassword2` -> db, password. */
function wordsOf(name: string): string[] {
  // `db.pass` says more than `pass` does.
  const short = /[^.]{1,64}\.(?:pass|pwd|token)$/i.exec(name)?.[0];
  return (short ?? name.slice(name.lastIndexOf(".") + 1))
    .normalize("NFC")
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replaceAll(/([A-Z])([A-Z][a-z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}\p{M}0-9]+/u)
    .map((word) => word.replace(/^(\p{L}+)\d{1,8}$/u, "$1"))
    .filter((word) => /\p{L}/u.test(word));
}

function judge(all: string[]): NameKind | undefined {
  const words = [...all];
  while (words.length > 1 && trailing.has(words.at(-1) ?? "")) words.pop();
  const last = words.at(-1) ?? "";
  const before = words.at(-2);
  if (last === "secretid" || (last === "id" && before === "secret")) return "secret";
  if (before !== undefined && (secretWords.has(before + last) || secretWords.has(words.join("")))) return "secret";
  if (aspects.has(last)) return undefined;
  if (last === "key" || last === "keys") return judgeKey(words, before);
  if (last === "token" || last === "tokens") return judgeToken(last, before);
  if (last === "auth") return before !== undefined && authBefore.has(before) ? "secret" : "hint";
  if (last === "pwd" || last === "pass") return judgePass(before);
  if (last === "secrets" && before === undefined) return "hint";
  if (last === "pat") return before === undefined ? "hint" : "secret";
  if (last === "seed") return before !== undefined && seedBefore.has(before) ? "secret" : undefined;
  if (secretWords.has(last) || isCompound(last)) return "secret";
  if (last === "credential" || last === "credentials" || last === "creds") return "token";
  if (hints.has(last)) return "hint";
  return words.some((word) => secretWords.has(word) || isCompound(word)) ? "hint" : undefined;
}

/** `proxy_pass` says where a web server sends requests on. */
function judgePass(before: string | undefined): NameKind | undefined {
  if (before === undefined || before === "old") return "hint";
  return passesOn.has(before) ? undefined : "secret";
}

/** Words written without anything between them: `dbpass`, `githubtoken`, `masterkey`. */
function isCompound(word: string): boolean {
  if (compound.test(word)) return true;
  if (word.endsWith("pass")) return word.length > 4 && !openPasses.test(word);
  if (word.endsWith("pwd")) return word.length > 3 && word !== "oldpwd";
  if (word.endsWith("token")) return word.length > 5 && !openTokens.has(word.slice(0, -5));
  if (word.endsWith("auth")) return authBefore.has(word.slice(0, -4));
  return word.endsWith("key") && secretKeys.has(word.slice(0, -3));
}

function judgeKey(words: string[], before: string | undefined): NameKind | undefined {
  if (before === undefined || openKeys.has(before)) return undefined;
  return secretKeys.has(before) || words.some((word) => secretWords.has(word)) ? "secret" : "hint";
}

function judgeToken(last: string, before: string | undefined): NameKind | undefined {
  if (last === "tokens") return before !== undefined && tokenLists.has(before) ? "secret" : undefined;
  if (before === undefined) return "token";
  return openTokens.has(before) ? undefined : "secret";
}

const set = (words: string) => new Set(words.split(" "));

const secretWords = set(
  "password passwords passwd passwds passphrase passphrases passcode passcodes passkey pw pswd psw psk psks secret secrets apikey apikeys mnemonic erlangcookie snmpcommunity rocommunity rwcommunity recoverycode recoverycodes backupcodes seedphrase " +
    // In the languages of other teams.
    "passwort kennwort geheimnis zugangsschlüssel senha senhas contraseña contrasena contraseñas contrasenya motdepasse mdp parola haslo hasło heslo wachtwoord lösenord losenord adgangskode passord salasana jelszo jelszó parool parole slaptazodis lozinka geslo sifre şifre пароль пароли секрет 密码 密碼 密钥 口令 パスワード 暗証番号 비밀번호 암호",
);
const compound =
  /passw(?:or)?d$|passphrase$|apikey$|secretkey$|privatekey$|secretaccesskey$|accountkey$|sharedkey$|sshkey$|authtoken$|accesstoken$|refreshtoken$|clientsecret$|apitoken$|[a-z]secret$|[a-z]{2}pw$|[a-z]{2}psk$/;
const openPasses = /(?:com|by|tres|sur|over|under|multi|bi|encom|fast|back|low|high|band|im)pass$/;
const passesOn = set("proxy fastcgi uwsgi scgi grpc memcached single multi two one first second");
const seedBefore = set("otp totp wallet secret hd bip bip39");
const hints = set(
  "authorization bearer cookie cookies jwt sig signature dsn salt pepper otp totp pin sas webhook connection hmac fernet unseal recovery backup codes community license",
);

/** What may follow the word that tells: `SECRET_KEY_BASE`, `PASSWORD_OLD`, `TOKEN_PROD`. */
const trailing = set(
  "b base old new prev previous current next backup prod production live staging stage dev development test primary secondary main ro rw admin root b64 base64 hash hashed value plain plaintext raw data string encrypted",
);

/** A name that ends so tells something about a secret, not the secret itself: `TOKEN_TTL`, `PASSWORD_FILE`, `KEY_ID`. */
const aspects = set(
  "file files filename path paths dir directory folder url urls uri endpoint host hosts hostname addr address port server name names id ids ttl timeout expiry expires expiration expire age length len size count limit max min type types kind algorithm alg algo cipher method methods policy policies role roles version enabled enable disabled disable required optional allowed provider backend engine store storage manager service mode format prefix suffix header headers param params field fields region issuer iss audience aud scope scopes user users username owner group groups namespace mount source ref arn label labels template interval rotation rotate renew mb used usage budget rate time at status state error errors identity accessor reviewer reset attempts retries change changes com org net io local internal yaml yml json hcl toml conf cfg pem crt txt env sh go ts js py md html log xml ini properties driver plugin plugins operator controller injector syncer job task index tracker count fingerprint kid digest checksum sum",
);

/** Further words for what is open, beside the aspects. */
const openWords = set(
  "sha sha1 sha256 sha512 md5 commit commits revision rev ref refs branch tag tags build release image images uuid guid etag hash hashes digests ver v versions level levels lang locale tz timezone zone dc datacenter database db dbname schema table topic queue bucket cluster node pool domain domains site subnet cidr network networks interface ip ips mac uid gid rule rules entrypoint entrypoints middlewares middleware certresolver scheme protocol opts options args arguments flags features feature class package module command cmd job task alloc allocation instance device model product contact email mail recipients sender title description desc comment motd message subject from to date timestamp color theme pattern regex regexp regexes query glob exclude include paths nameserver nameservers dns cert certificate ca chain project ami snapshot volume disk serial peer peers members upstream upstreams origin origins target targets location link homepage cron schedule",
);

const authBefore = set("basic http https proxy rpc redis requirepass redisc cli");
const secretKeys = set(
  "api secret private access encryption encrypt crypto crypt cipher signing sign signed master auth account shared preshared psk ssh gpg pgp tls ssl rsa aes des hmac jwt jws jwk app application license session cookie storage gossip deploy unseal recovery consumer admin integration instrumentation ingest write webhook age vapid functions subscription host admission root",
);
const openKeys = set(
  "public pub primary partition foreign sort cache routing object row range lock idempotency index group shard map config translation unique natural composite dedup message event hot arrow registry pivot join lookup label meta annotation header query param order bucket counter metric item path node job alloc allocation hash dictionary attribute",
);
const tokenLists = set("api auth access refresh secret bearer");
const openTokens = set(
  "next page paging pagination idempotency continuation resume sync cursor max min num total prompt completion input output stop bos eos pad unexpected separator delimiter",
);
