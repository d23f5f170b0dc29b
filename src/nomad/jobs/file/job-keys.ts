/**
 * Every key of a job in Nomad's JSON: of the structs that its HTTP API decodes a job into (api/jobs.go and the files
 * beside it, 2.0.6), those that only its replies have (`Service.Namespace`) and those of older servers (`ConsulToken`,
 * `VaultToken`). A struct begins at the start of a line; a key is `Name:type=hcl`: without a type it is text, `[]` is a
 * list and `{}` a map of what follows, `any` is free-form; `hcl` is its name in HCL where that is not the name in snake
 * case.
 */
const table = `
Job Region Namespace ID Name Type Priority:int AllAtOnce:bool Datacenters:[]string NodePool
  Constraints:[]Constraint=constraint Affinities:[]Affinity=affinity TaskGroups:[]TaskGroup=group
  Update:UpdateStrategy Multiregion:Multiregion Spreads:[]Spread=spread Periodic:PeriodicConfig
  ParameterizedJob:ParameterizedJobConfig=parameterized Reschedule:ReschedulePolicy Migrate:MigrateStrategy
  Meta:{}string UI:JobUIConfig Stop:bool ParentID Dispatched:bool DispatchIdempotencyToken Payload ConsulNamespace
  VaultNamespace NomadTokenID Status StatusDescription Stable:bool Version:int SubmitTime:int CreateIndex:int
  ModifyIndex:int JobModifyIndex:int VersionTag:JobVersionTag ConsulToken VaultToken
Constraint LTarget=attribute RTarget=value Operand=operator
Affinity LTarget=attribute RTarget=value Operand=operator Weight:int
TaskGroup Name Count:int Constraints:[]Constraint=constraint Affinities:[]Affinity=affinity Tasks:[]Task=task
  Spreads:[]Spread=spread Volumes:{}VolumeRequest=volume RestartPolicy:RestartPolicy=restart
  Disconnect:DisconnectStrategy ReschedulePolicy:ReschedulePolicy=reschedule EphemeralDisk:EphemeralDisk
  Update:UpdateStrategy Migrate:MigrateStrategy Networks:[]NetworkResource=network Meta:{}string
  Services:[]Service=service ShutdownDelay:duration MaxRunDuration:duration StopAfterClientDisconnect:duration
  MaxClientDisconnect:duration Scaling:ScalingPolicy Consul:Consul PreventRescheduleOnLost:bool
UpdateStrategy Stagger:duration MaxParallel:int HealthCheck MinHealthyTime:duration HealthyDeadline:duration
  ProgressDeadline:duration Canary:int AutoRevert:bool AutoPromote:bool
Multiregion Strategy:MultiregionStrategy Regions:[]MultiregionRegion=region
Spread Attribute Weight:int SpreadTarget:[]SpreadTarget=target
PeriodicConfig Enabled:bool Spec=cron Specs:[]string=crons SpecType ProhibitOverlap:bool TimeZone
ParameterizedJobConfig Payload MetaRequired:[]string MetaOptional:[]string
ReschedulePolicy Attempts:int Interval:duration Delay:duration DelayFunction MaxDelay:duration Unlimited:bool
MigrateStrategy MaxParallel:int HealthCheck MinHealthyTime:duration HealthyDeadline:duration
JobUIConfig Description Links:[]JobUILink=link
JobVersionTag Name Description TaggedTime:int
Task Name Driver User Lifecycle:TaskLifecycle Config:{}any Constraints:[]Constraint=constraint
  Affinities:[]Affinity=affinity Env:{}string Services:[]Service=service Resources:Resources
  RestartPolicy:RestartPolicy=restart Meta:{}string KillTimeout:duration LogConfig:LogConfig=logs
  Artifacts:[]TaskArtifact=artifact Vault:Vault Consul:Consul Templates:[]Template=template
  DispatchPayload:DispatchPayloadConfig VolumeMounts:[]VolumeMount=volume_mount
  CSIPluginConfig:TaskCSIPluginConfig=csi_plugin Leader:bool ShutdownDelay:duration KillSignal Kind
  ScalingPolicies:[]ScalingPolicy=scaling Secrets:[]Secret=secret Identity:WorkloadIdentity
  Identities:[]WorkloadIdentity=identity Actions:[]Action=action Schedule:TaskSchedule
VolumeRequest Name Type Source ReadOnly:bool Sticky:bool AccessMode AttachmentMode MountOptions:CSIMountOptions
  PerAlloc:bool
RestartPolicy Interval:duration Attempts:int Delay:duration Mode RenderTemplates:bool
DisconnectStrategy LostAfter:duration StopOnClientAfter:duration Replace:bool Reconcile
EphemeralDisk Sticky:bool Migrate:bool SizeMB:int=size
NetworkResource Mode Device CIDR IP DNS:DNSConfig ReservedPorts:[]Port DynamicPorts:[]Port=port Hostname
  MBits:int=mbits CNI:CNIConfig
Service Name Tags:[]string CanaryTags:[]string EnableTagOverride:bool PortLabel=port AddressMode Address
  Checks:[]ServiceCheck=check CheckRestart:CheckRestart Connect:ConsulConnect Meta:{}string CanaryMeta:{}string
  TaggedAddresses:{}string TaskName=task OnUpdate Identity:WorkloadIdentity Weights:ServiceWeights Provider Cluster
  Kind Namespace
ScalingPolicy Min:int Max:int Policy:{}any Enabled:bool Type ID Namespace Target:{}string CreateIndex:int
  ModifyIndex:int
Consul Namespace Cluster Partition
MultiregionStrategy MaxParallel:int OnFailure
MultiregionRegion Name Count:int Datacenters:[]string NodePool Meta:{}string
SpreadTarget Value Percent:int
JobUILink Label URL
TaskLifecycle Hook Sidecar:bool
Resources CPU:int Cores:int MemoryMB:int=memory MemoryMaxMB:int=memory_max DiskMB:int=disk
  Networks:[]NetworkResource=network Devices:[]RequestedDevice=device NUMA:NUMAResource SecretsMB:int=secrets IOPS:int
LogConfig MaxFiles:int MaxFileSizeMB:int=max_file_size Enabled:bool Disabled:bool
TaskArtifact GetterSource=source GetterOptions:{}string=options GetterHeaders:{}string=headers GetterMode=mode
  GetterInsecure:bool=insecure RelativeDest=destination Chown:bool
Vault Policies:[]string Role Namespace Cluster Env:bool DisableFile:bool ChangeMode ChangeSignal
  AllowTokenExpiration:bool
Template SourcePath=source DestPath=destination EmbeddedTmpl=data ChangeMode ChangeScript:ChangeScript ChangeSignal
  Once:bool Splay:duration Perms Uid:int Gid:int LeftDelim=left_delimiter RightDelim=right_delimiter Envvars:bool=env
  VaultGrace:duration Wait:WaitConfig ErrMissingKey:bool=error_on_missing_key
DispatchPayloadConfig File
VolumeMount Volume Destination ReadOnly:bool PropagationMode SELinuxLabel=selinux_label
TaskCSIPluginConfig ID Type MountDir StagePublishBaseDir HealthTimeout:duration
Secret Name Provider Path Config:{}any Env:{}string
WorkloadIdentity Name Audience:[]string=aud ChangeMode ChangeSignal Env:bool File:bool Filepath ServiceName
  TTL:duration ExtraClaims:[]string
Action Name Command Args:[]string
TaskSchedule Cron:TaskScheduleCron
CSIMountOptions FSType MountFlags:[]string
DNSConfig Servers:[]string Searches:[]string Options:[]string
Port Label Value:int=static To:int HostNetwork IgnoreCollision:bool
CNIConfig Args:{}string
ServiceCheck Name Type Command Args:[]string Path Protocol PortLabel=port Expose:bool AddressMode Advertise
  Interval:duration Timeout:duration InitialStatus Notes TLSServerName TLSSkipVerify:bool Header:{}[]string Method
  CheckRestart:CheckRestart GRPCService GRPCUseTLS:bool TaskName=task SuccessBeforePassing:int
  FailuresBeforeCritical:int FailuresBeforeWarning:int Body OnUpdate
CheckRestart Limit:int Grace:duration IgnoreWarnings:bool
ConsulConnect Native:bool Gateway:ConsulGateway SidecarService:ConsulSidecarService SidecarTask:SidecarTask
ServiceWeights Passing:int Warning:int
RequestedDevice Name Count:int Constraints:[]Constraint=constraint Affinities:[]Affinity=affinity
NUMAResource Affinity Devices:[]string
ChangeScript Command Args:[]string Timeout:duration FailOnError:bool RunOnFirstRender:bool
WaitConfig Min:duration Max:duration
TaskScheduleCron Start End Timezone
ConsulGateway Proxy:ConsulGatewayProxy Ingress:ConsulIngressConfigEntry Terminating:ConsulTerminatingConfigEntry
  Mesh:ConsulMeshConfigEntry
ConsulSidecarService Tags:[]string Port Proxy:ConsulProxy DisableDefaultTCPCheck:bool Meta:{}string
SidecarTask Name Driver User Config:{}any Env:{}string Resources:Resources Meta:{}string KillTimeout:duration
  LogConfig:LogConfig=logs ShutdownDelay:duration KillSignal VolumeMounts:[]VolumeMount=volume_mount
  Identities:[]WorkloadIdentity=identity
ConsulGatewayProxy ConnectTimeout:duration EnvoyGatewayBindTaggedAddresses:bool
  EnvoyGatewayBindAddresses:{}ConsulGatewayBindAddress EnvoyGatewayNoDefaultBind:bool EnvoyDNSDiscoveryType
  Config:{}any
ConsulIngressConfigEntry TLS:ConsulGatewayTLSConfig Listeners:[]ConsulIngressListener=listener
ConsulTerminatingConfigEntry Services:[]ConsulLinkedService=service
ConsulMeshConfigEntry
ConsulProxy LocalServiceAddress LocalServicePort:int Expose:ConsulExposeConfig ExposeConfig:ConsulExposeConfig
  Upstreams:[]ConsulUpstream TransparentProxy:ConsulTransparentProxy Config:{}any
ConsulGatewayBindAddress Name Address Port:int
ConsulGatewayTLSConfig Enabled:bool TLSMinVersion TLSMaxVersion CipherSuites:[]string SDS:ConsulGatewayTLSSDSConfig
ConsulIngressListener Port:int Protocol Services:[]ConsulIngressService=service
ConsulLinkedService Name CAFile CertFile KeyFile SNI
ConsulExposeConfig Paths:[]ConsulExposePath=path Path:[]ConsulExposePath
ConsulUpstream DestinationName DestinationNamespace DestinationPeer DestinationPartition DestinationType
  LocalBindPort:int Datacenter LocalBindAddress LocalBindSocketPath LocalBindSocketMode MeshGateway:ConsulMeshGateway
  Config:{}any
ConsulTransparentProxy UID OutboundPort:int ExcludeInboundPorts:[]string ExcludeOutboundPorts:[]int
  ExcludeOutboundCIDRs:[]string=exclude_outbound_cidrs ExcludeUIDs:[]string=exclude_uids NoDNS:bool
ConsulGatewayTLSSDSConfig ClusterName CertResource
ConsulIngressService Name Hosts:[]string TLS:ConsulGatewayTLSConfig RequestHeaders:ConsulHTTPHeaderModifiers
  ResponseHeaders:ConsulHTTPHeaderModifiers MaxConnections:int MaxPendingRequests:int MaxConcurrentRequests:int
ConsulExposePath Path Protocol LocalPathPort:int ListenerPort
ConsulMeshGateway Mode
ConsulHTTPHeaderModifiers Add:{}string Set:{}string Remove:[]string
`;

/** A key of one of Nomad's structs. */
export interface Key {
  readonly name: string;
  /** `string`, `bool`, `int`, `duration` (nanoseconds), `any` or a struct; with `[]` a list of it, with `{}` a map. */
  readonly type: string;
  /** What HCL calls it. */
  readonly hcl: string;
}

/** The keys of a struct by their names in lower case, as Go's decoder finds them whatever their case. */
export type Keys = ReadonlyMap<string, Key>;

/** Nomad's structs by name, that of a job being `Job`. Read from the table when the first JSON job comes. */
export function jobStructs(): ReadonlyMap<string, Keys> {
  structs ??= new Map(
    table
      .trim()
      .split(/\n(?=\S)/)
      .map(toStruct),
  );
  return structs;
}

let structs: ReadonlyMap<string, Keys> | undefined;

function toStruct(text: string): [string, Keys] {
  const [struct = "", ...fields] = text.split(/\s+/);
  return [struct, new Map(fields.map((field) => toKey(field)).map((key) => [key.name.toLowerCase(), key]))];
}

function toKey(field: string): Key {
  const [named = "", hcl] = field.split("=");
  const [name = "", type = "string"] = named.split(":");
  return { name, type, hcl: hcl ?? snakeCase(name) };
}

/** `MaxFileSizeMB` -> `max_file_size_mb`: what HCL calls a key of which nothing else is known. */
export function snakeCase(name: string): string {
  return name.replaceAll(/(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, "_").toLowerCase();
}
