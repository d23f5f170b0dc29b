import { HOUR, MINUTE, MS } from "../gotime.ts";

/** How long ago the database went away (ms). */
export const OUTAGE_AGO = (20 * MINUTE) / MS;

/** How long ago the nodes came up (ms). */
export const BEGAN_AGO = (9 * 24 * HOUR) / MS;

/** Something that happened before the demo began. */
export interface Past {
  /** When (ms). */
  at: number;
  namespace: string;
  /** A job file that was submitted, or the job that was stopped. */
  source?: string;
  stopped?: string;
}

/** What happened before `now`, oldest first. */
export function pastOf(now: number): Past[] {
  const ago = (hours: number) => now - (hours * HOUR) / MS;
  // before the last night that is over
  const day = (24 * HOUR) / MS;
  const two = (2 * HOUR) / MS;
  const lastNight = Math.floor((now - two - (5 * MINUTE) / MS) / day) * day + two;
  const past: Past[] = [
    { at: ago(72), namespace: "default", source: WEB },
    { at: ago(50), namespace: "prod", source: BILLING },
    { at: ago(47.5), namespace: "default", source: CACHE },
    { at: ago(26), namespace: "default", source: CHECKOUT },
    { at: lastNight - (3 * HOUR) / MS, namespace: "default", source: NIGHTLY_REPORT },
    { at: ago(6), namespace: "default", stopped: "cache" },
    { at: ago(5), namespace: "default", source: ML_TRAIN },
  ];
  return past.sort((a, b) => a.at - b.at);
}

const WEB = `job "web" {
  datacenters = ["dc1"]

  meta {
    team = "shop"
  }

  group "web" {
    count = 3

    network {
      port "http" { to = 80 }
    }

    service {
      name     = "web"
      port     = "http"
      provider = "nomad"
    }

    task "nginx" {
      driver = "docker"

      config {
        image = "nginx:1.29"
        ports = ["http"]
      }

      resources {
        cpu    = 200
        memory = 128
      }
    }
  }
}
`;

const CHECKOUT = `job "checkout" {
  group "api" {
    count = 2

    network {
      port "http" {}
    }

    task "api" {
      driver = "docker"

      config {
        image = "shop/checkout-api:5.2"
        ports = ["http"]
      }

      resources {
        cpu    = 300
        memory = 256
      }
    }
  }

  group "worker" {
    restart {
      attempts = 2
      interval = "10m"
      delay    = "60s"
      mode     = "fail"
    }

    reschedule {
      delay          = "30s"
      delay_function = "constant"
      unlimited      = true
    }

    task "worker" {
      driver = "docker"

      config {
        image = "shop/checkout-worker:5.2"
      }

      env {
        DB_HOST = "db.internal:5432"
        QUEUE   = "orders"
      }

      resources {
        cpu    = 200
        memory = 256
      }
    }
  }
}
`;

const ML_TRAIN = `job "ml-train" {
  type = "batch"

  group "train" {
    task "train" {
      driver = "docker"

      config {
        image = "shop/ml-train:0.9"
      }

      resources {
        cpu    = 2000
        memory = 64000
      }
    }
  }
}
`;

const NIGHTLY_REPORT = `job "nightly-report" {
  type = "batch"

  periodic {
    crons            = ["0 2 * * *"]
    prohibit_overlap = true
  }

  group "report" {
    task "report" {
      driver = "docker"

      config {
        image = "shop/report:2.1"
      }

      resources {
        cpu    = 300
        memory = 256
      }
    }
  }
}
`;

const BILLING = `job "billing" {
  namespace   = "prod"
  datacenters = ["dc1"]

  group "billing" {
    count = 2

    task "billing" {
      driver = "docker"

      config {
        image = "shop/billing:3.0"
      }

      resources {
        cpu    = 250
        memory = 256
      }
    }
  }
}
`;

const CACHE = `job "cache" {
  datacenters = ["dc1"]

  group "cache" {
    network {
      port "redis" { static = 6379 }
    }

    task "redis" {
      driver = "docker"

      config {
        image = "redis:8.2"
        ports = ["redis"]
      }

      resources {
        cpu    = 100
        memory = 256
      }
    }
  }
}
`;
