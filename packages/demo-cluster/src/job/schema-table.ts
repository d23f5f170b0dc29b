/**
 * The job as clients write it, as one table: what its JSON may hold, what its HCL is called, and what is null when unset.
 * A line is `GoName type hcl`: `name` an attribute, `name!` a required one, `name{}` a block, `<name>` a label, `-` not in HCL.
 * `*` marks what is null when unset; the plain types have a zero value.
 */
export const TABLE = `
Job
  Region *string region
  Namespace *string namespace
  ID *string id
  Name *string name
  Type *string type
  Priority *int priority
  AllAtOnce *bool all_at_once
  Datacenters []string datacenters
  NodePool *string node_pool
  Constraints []Constraint constraint{}
  Affinities []Affinity affinity{}
  TaskGroups []TaskGroup group{}
  Update *UpdateStrategy update{}
  Multiregion *any multiregion{}
  Spreads []Spread spread{}
  Periodic *PeriodicConfig periodic{}
  ParameterizedJob *ParameterizedJobConfig parameterized{}
  Reschedule *ReschedulePolicy reschedule{}
  Migrate *MigrateStrategy migrate{}
  Meta map[string]string meta{}
  UI *any ui{}
  Stop *bool -
  ParentID *string -
  Dispatched bool -
  DispatchIdempotencyToken *string -
  Payload *any -
  ConsulNamespace *string -
  VaultNamespace *string -
  NomadTokenID *string -
  Status *string -
  StatusDescription *string -
  Stable *bool -
  Version *int -
  SubmitTime *int -
  CreateIndex *int -
  ModifyIndex *int -
  JobModifyIndex *int -
  VersionTag *any -
TaskGroup
  Name *string <name>
  Count *int count
  Constraints []Constraint constraint{}
  Affinities []Affinity affinity{}
  Tasks []Task task{}
  Spreads []Spread spread{}
  Volumes map[string]VolumeRequest volume{}
  RestartPolicy *RestartPolicy restart{}
  Disconnect *any disconnect{}
  ReschedulePolicy *ReschedulePolicy reschedule{}
  EphemeralDisk *EphemeralDisk ephemeral_disk{}
  Update *UpdateStrategy update{}
  Migrate *MigrateStrategy migrate{}
  Networks []NetworkResource network{}
  Meta map[string]string meta{}
  Services []Service service{}
  ShutdownDelay *dur shutdown_delay
  MaxRunDuration *dur max_run_duration
  StopAfterClientDisconnect *dur stop_after_client_disconnect
  MaxClientDisconnect *dur max_client_disconnect
  Scaling *ScalingPolicy scaling{}
  Consul *any consul{}
  PreventRescheduleOnLost *bool prevent_reschedule_on_lost
Task
  Name string <name>
  Driver string driver
  User string user
  Lifecycle *TaskLifecycle lifecycle{}
  Config map[string]any config{}
  Constraints []Constraint constraint{}
  Affinities []Affinity affinity{}
  Env map[string]string env{}
  Services []Service service{}
  Resources *Resources resources{}
  RestartPolicy *RestartPolicy restart{}
  Meta map[string]string meta{}
  KillTimeout *dur kill_timeout
  LogConfig *LogConfig logs{}
  Artifacts []TaskArtifact artifact{}
  Vault *any vault{}
  Consul *any consul{}
  Templates []Template template{}
  DispatchPayload *any dispatch_payload{}
  VolumeMounts []VolumeMount volume_mount{}
  Leader bool leader
  ShutdownDelay dur shutdown_delay
  KillSignal string kill_signal
  Kind string kind
  ScalingPolicies *any scaling{}
  Secrets *any secret{}
  Identity *any -
  Identities *any identity{}
  Actions *any action{}
  Schedule *any schedule{}
Resources
  CPU *int cpu
  Cores *int cores
  MemoryMB *int memory
  MemoryMaxMB *int memory_max
  DiskMB *int disk
  Networks []NetworkResource network{}
  Devices []RequestedDevice device{}
  NUMA *any numa{}
  SecretsMB *int secrets
  IOPS *int iops
RequestedDevice
  Name string <name>
  Count *int count
  Constraints []Constraint constraint{}
  Affinities []Affinity affinity{}
NetworkResource
  Mode string mode
  Device string device
  CIDR string cidr
  IP string ip
  DNS *any dns{}
  ReservedPorts []Port reserved_ports{}
  DynamicPorts []Port port{}
  Hostname string hostname
  MBits *int mbits
  CNI *any cni{}
Port
  Label string <label>
  Value int static
  To int to
  HostNetwork string host_network
  IgnoreCollision bool ignore_collision
Service
  Name string name
  Tags []string tags
  CanaryTags []string canary_tags
  EnableTagOverride bool enable_tag_override
  PortLabel string port
  AddressMode string address_mode
  Address string address
  Checks []ServiceCheck check{}
  CheckRestart *CheckRestart check_restart{}
  Connect *any connect{}
  Meta map[string]string meta{}
  CanaryMeta map[string]string canary_meta{}
  TaggedAddresses map[string]string tagged_addresses{}
  TaskName string task
  OnUpdate string on_update
  Identity *any identity{}
  Weights *any weights{}
  Provider string provider
  Cluster string cluster
  Kind string kind
ServiceCheck
  Name string name
  Type string type
  Command string command
  Args []string args
  Path string path
  Protocol string protocol
  PortLabel string port
  Expose bool expose
  AddressMode string address_mode
  Advertise string advertise
  Interval dur interval
  Timeout dur timeout
  InitialStatus string initial_status
  Notes string notes
  TLSServerName string tls_server_name
  TLSSkipVerify bool tls_skip_verify
  Header map[string][]string header{}
  Method string method
  CheckRestart *CheckRestart check_restart{}
  GRPCService string grpc_service
  GRPCUseTLS bool grpc_use_tls
  TaskName string task
  SuccessBeforePassing int success_before_passing
  FailuresBeforeCritical int failures_before_critical
  FailuresBeforeWarning int failures_before_warning
  Body string body
  OnUpdate string on_update
CheckRestart
  Limit int limit
  Grace *dur grace
  IgnoreWarnings bool ignore_warnings
UpdateStrategy
  Stagger *dur stagger
  MaxParallel *int max_parallel
  HealthCheck *string health_check
  MinHealthyTime *dur min_healthy_time
  HealthyDeadline *dur healthy_deadline
  ProgressDeadline *dur progress_deadline
  Canary *int canary
  AutoRevert *bool auto_revert
  AutoPromote *bool auto_promote
RestartPolicy
  Interval *dur interval
  Attempts *int attempts
  Delay *dur delay
  Mode *string mode
  RenderTemplates *bool render_templates
ReschedulePolicy
  Attempts *int attempts
  Interval *dur interval
  Delay *dur delay
  DelayFunction *string delay_function
  MaxDelay *dur max_delay
  Unlimited *bool unlimited
MigrateStrategy
  MaxParallel *int max_parallel
  HealthCheck *string health_check
  MinHealthyTime *dur min_healthy_time
  HealthyDeadline *dur healthy_deadline
PeriodicConfig
  Enabled *bool enabled
  Spec *string cron
  Specs []string crons
  SpecType *string -
  ProhibitOverlap *bool prohibit_overlap
  TimeZone *string time_zone
ParameterizedJobConfig
  Payload string payload
  MetaRequired []string meta_required
  MetaOptional []string meta_optional
ScalingPolicy
  ID string -
  Namespace string -
  Min *int min
  Max *int max
  Policy map[string]any policy{}
  Enabled *bool enabled
  Type string type
  Target map[string]string -
  CreateIndex int -
  ModifyIndex int -
Spread
  Attribute string attribute
  Weight *int weight
  SpreadTarget []SpreadTarget target{}
SpreadTarget
  Value string <value>
  Percent int percent
EphemeralDisk
  Sticky *bool sticky
  Migrate *bool migrate
  SizeMB *int size
LogConfig
  MaxFiles *int max_files
  MaxFileSizeMB *int max_file_size
  Enabled *bool enabled
  Disabled *bool disabled
TaskLifecycle
  Hook string hook!
  Sidecar bool sidecar
TaskArtifact
  GetterSource *string source
  GetterOptions map[string]string options{}
  GetterHeaders map[string]string headers{}
  GetterMode *string mode
  GetterInsecure *bool insecure
  RelativeDest *string destination
  Chown bool chown
Template
  SourcePath *string source
  DestPath *string destination
  EmbeddedTmpl *string data
  ChangeMode *string change_mode
  ChangeScript *any change_script{}
  ChangeSignal *string change_signal
  Once *bool once
  Splay *dur splay
  Perms *string perms
  Uid *int uid
  Gid *int gid
  LeftDelim *string left_delimiter
  RightDelim *string right_delimiter
  Envvars *bool env
  VaultGrace *dur vault_grace
  Wait *any wait{}
  ErrMissingKey *bool error_on_missing_key
VolumeRequest
  Name string <name>
  Type string type
  Source string source
  ReadOnly bool read_only
  Sticky bool sticky
  AccessMode string access_mode
  AttachmentMode string attachment_mode
  MountOptions *any mount_options{}
  PerAlloc bool per_alloc
VolumeMount
  Volume *string volume
  Destination *string destination
  ReadOnly *bool read_only
  PropagationMode *string propagation_mode
  SELinuxLabel *string selinux_label
Constraint
  LTarget string attribute
  RTarget string value
  Operand string operator
Affinity
  LTarget string attribute
  RTarget string value
  Operand string operator
  Weight *int weight
JobRegisterRequest
  Job *Job -
  EnforceIndex bool -
  JobModifyIndex int -
  PolicyOverride bool -
  PreserveCounts bool -
  PreserveResources bool -
  EvalPriority int -
  Submission *JobSubmission -
  Region string -
  Namespace string -
JobValidateRequest
  Job *Job -
  Region string -
  Namespace string -
JobPlanRequest
  Job *Job -
  Diff bool -
  PolicyOverride bool -
  Region string -
  Namespace string -
JobSubmission
  Source string -
  Format string -
  VariableFlags map[string]string -
  Variables string -
`;
