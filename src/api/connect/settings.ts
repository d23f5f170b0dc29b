/** The settings that name certificates; each means what the CLI's variable of the same name does. */
export interface CertificateSettings {
  readonly caCert?: string | undefined;
  readonly caPath?: string | undefined;
  readonly clientCert?: string | undefined;
  readonly clientKey?: string | undefined;
  /** The given CAs are trusted in addition to those that Node trusts, not in their place. */
  readonly systemCa?: boolean | undefined;
}

/** How a cluster is reached; each setting means what the CLI's variable of the same name does. */
export interface ConnectSettings extends CertificateSettings {
  readonly address: string;
  readonly tlsServerName?: string | undefined;
  readonly skipVerify: boolean;
  /** `user:password` or `user`, for HTTP basic authentication. */
  readonly httpAuth?: string | undefined;
}

/** What a setting is called where the operator wrote it: `NOMAD_CACERT`, `clusters.prod.ca_cert`. */
export type SettingName = (key: keyof CertificateSettings | "address" | "tlsServerName") => string;
