import type { AclPolicy, AclRole, AclRules, AclToken, AgentMembers, LevelRule, NamedRule } from "./acl.ts";
import type { Shape, ShapeOf } from "./shape.ts";

const texts = { list: "text" } as const;

const token: ShapeOf<AclToken> = {
  fields: {
    AccessorID: "text",
    Name: "text",
    Type: "text",
    Policies: { maybe: texts },
    Roles: { maybe: { list: { fields: { ID: "id", Name: "text" } } } },
    ExpirationTime: { maybe: "text" },
  },
};

const role: ShapeOf<AclRole> = {
  fields: { Name: "text", Policies: { maybe: { list: { fields: { Name: "id" } } } } },
};

const level: ShapeOf<LevelRule> = { fields: { Policy: "text" } };
const ofName: ShapeOf<NamedRule> = { fields: { Name: "text", Capabilities: { maybe: texts } } };
const paths = { list: { fields: { PathSpec: "text", Capabilities: { maybe: texts } } } } as const;

const rules: ShapeOf<AclRules> = {
  fields: {
    Namespaces: {
      maybe: { list: { fields: { ...ofName.fields, Variables: { maybe: { fields: { Paths: { maybe: paths } } } } } } },
    },
    NodePools: { maybe: { list: ofName } },
    Node: { maybe: level },
    Agent: { maybe: level },
    Operator: { maybe: level },
    Plugin: { maybe: level },
  },
};

const policy: ShapeOf<AclPolicy> = { fields: { Name: "text", RulesJSON: { maybe: rules } } };

const members: ShapeOf<AgentMembers> = {
  fields: {
    ServerRegion: "text",
    Members: {
      maybe: { list: { fields: { Name: "text", Status: "text", Tags: { maybe: { map: "text" } } } } },
    },
  },
};

/** What the routes answer that tell who we are; paths have a word in each variable place, and the first that fits counts. */
export const aclReplies: readonly (readonly [methods: string, pattern: string, shape: Shape])[] = [
  ["GET", "/v1/acl/token/self", token],
  ["GET", "/v1/acl/policy/self", { list: { fields: { Name: "id" } } }],
  ["GET", "/v1/acl/policy/:name", policy],
  ["GET", "/v1/acl/role/:id", role],
  ["GET", "/v1/agent/members", members],
];
