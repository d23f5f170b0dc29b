/** How one cluster is reached, and what may be touched of it; checked. */
export interface ClusterSettings {
  /** What calls and answers name it by. */
  readonly name: string;
  /** As it was written: it may hold a user and password. */
  readonly address: string;
  readonly token?: string;
  readonly tokenFile?: string;
  /** The auth method of Nomad at which people are signed in whose role says so; its default one where it is not set. */
  readonly loginMethod?: string;
  readonly httpAuth?: string;
  readonly namespace: string;
  readonly region?: string;
  readonly caCert?: string;
  readonly caPath?: string;
  readonly systemCa: boolean;
  readonly clientCert?: string;
  readonly clientKey?: string;
  readonly tlsServerName?: string;
  readonly skipVerify: boolean;
  readonly readOnly: boolean;
  /** The only namespaces that may be touched; every one where it is not set. */
  readonly namespaces?: readonly string[];
  /** What the operator calls a setting of it: the place where it is set, else where it could be. */
  settingName(key: SettingKey): string;
}

/** What is true of a session, whatever the cluster. */
export interface SessionSettings {
  /** True where nothing can be changed in any cluster. */
  readonly readOnly: boolean;
  readonly toolsets?: readonly string[];
  readonly enabledTools?: readonly string[];
  readonly disabledTools?: readonly string[];
  readonly confirm: "host" | "ask";
  readonly auditLog?: string;
  /** Which calls leave a trace there: those that may change something, or all. */
  readonly audit: "changes" | "all";
  /** Whether values of Nomad variables may be shown. */
  readonly showVariables: boolean;
  readonly demo: boolean;
}

/** A way to know who calls a server on the network. */
export type AuthWay = "keys" | "oidc" | "workload-identity" | "nomad-token" | "mtls" | "none";

/** What a server on the network heeds beside that; see the table for what each means. */
export interface NetworkSettings {
  readonly listen: string;
  readonly publicUrl?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tlsClientCa?: string;
  readonly behindProxy?: readonly string[];
  readonly allowedHosts?: readonly string[];
  readonly allowedOrigins?: readonly string[];
  readonly auth: readonly AuthWay[];
  readonly keysFile?: string;
  /** Which name of a client certificate says whose it is. */
  readonly certificateName: "uri" | "dns" | "cn";
  readonly oidcIssuer?: string;
  readonly oidcAudience?: readonly string[];
  readonly oidcUserClaim: string;
  readonly oidcGroupsClaim: string;
  readonly oidcScopes?: readonly string[];
  readonly oidcCa?: string;
  /** Whether management tokens of Nomad are let in. */
  readonly allowManagement: boolean;
  readonly stateKeyFile?: string;
  readonly rate: string;
  readonly maxCalls: number;
  readonly rest: boolean;
  readonly metricsListen?: string;
  readonly drainSeconds: number;
  /** What the operator calls a setting of it. */
  settingName(key: SettingKey): string;
}

/** How `bridge` and `check` reach a nomad-mcp server. */
export interface ReachSettings {
  /** The address of the server, for those who are given none otherwise. */
  readonly server?: string;
  /** The key that the server knows the caller by. */
  readonly accessKey?: string;
  readonly accessKeyFile?: string;
  readonly serverCa?: string;
  readonly serverClientCert?: string;
  readonly serverClientKey?: string;
  readonly allowHttp?: boolean;
  /** Whether the server is shown the Nomad token of the settings. */
  readonly sendToken?: boolean;
}

/** The settings of a session. */
export interface Settings extends SessionSettings, ReachSettings {
  /** The table `[library]` of the settings file, as it was parsed, and where in the file a key of it stands. */
  readonly library?: { readonly section: unknown; place(keys: readonly string[]): string };
  /** The first one is that of calls which name none. */
  readonly clusters: readonly [ClusterSettings, ...ClusterSettings[]];
  /** What the operator calls a setting of the session. */
  settingName(key: SettingKey): string;
}

/** What a setting is known by inside of the program. */
export type SettingKey =
  | Exclude<keyof ClusterSettings, "name" | "settingName">
  | keyof SessionSettings
  | Exclude<keyof NetworkSettings, "settingName">
  | keyof ReachSettings
  | "cluster"
  | "config";

/** One setting: where it can be set, and what it means. */
export interface Setting {
  readonly key: SettingKey;
  /**
   * What it is about. `both`: a cluster may have its own beside the session's; `start`: only what the program starts with;
   * `network`: a server on the network, `nomad-mcp serve`.
   */
  readonly of: "cluster" | "session" | "both" | "start" | "network";
  readonly flag: string;
  /** There is no such flag, since what stands on a command line is seen by everybody on the machine. */
  readonly noFlag?: true;
  readonly env?: string;
  /** A variable of other programs that means the same, heeded where `env` is not set. */
  readonly alsoEnv?: string;
  /** `switch`: true or false, as Go's strconv.ParseBool reads it. `list`: names with commas or spaces between them. */
  readonly kind: "text" | "switch" | "list" | "number";
  /** The only values of a text, or in a list, where not every one is taken. */
  readonly values?: readonly string[];
  readonly default?: string;
  /** It is the path of a file or folder. */
  readonly path?: "file" | "folder";
  /** Never printed. */
  readonly secret?: true;
  /** It takes something away that is allowed without it: a placeholder that a host left over in it stops the start. */
  readonly restricts?: true;
  readonly help: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;
/** Flags of the command line without their dashes, and their values. */
export type Flags = Readonly<Record<string, string | undefined>>;

/** Where settings are looked for. */
export interface Sources {
  readonly flags: Flags;
  readonly env: Environment;
  readonly file: SettingsFile | undefined;
}

/** A setting that is set. */
export interface SettingValue {
  readonly value: string | boolean | number | readonly string[];
  /** The flag, the variable or the file. */
  readonly from: string;
  /** What the operator calls it: the flag, the variable, or its place in the file. */
  name(): string;
}

/** The settings that stand in a file. */
export interface SettingsFile {
  readonly path: string;
  /** The names of its tables `[clusters.<name>]`, in their order. */
  readonly clusters: readonly string[];
  /** What the operator should be told of it. */
  readonly notices: readonly string[];
  /** One of its tables that hold no settings, such as `roles`, as it was parsed; undefined where it has none. */
  section(name: "roles" | "keys" | "library"): unknown;
  /** Where in the file a key stands, for people: "config.toml:12:1". */
  place(keys: readonly string[]): string;
  /** A setting in the table whose keys are `table`, that of the file itself where there are none. @throws Refusal for a wrong kind. */
  at(table: readonly string[], setting: Setting): SettingValue | undefined;
}
