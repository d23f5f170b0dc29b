/**
 * The job file of the tour. `mock_driver` is Nomad's own test driver, which needs neither a container nor a program, so
 * that the same file runs on the demo cluster and on a Nomad agent that has that driver. Its times are short, for the tour
 * is not to bore: what crashes does so before it could count as healthy (`min_healthy_time`).
 */
export function shopFile({ memory = 32, crashes = false }: { memory?: number; crashes?: boolean }): string {
  const config = crashes
    ? `        run_for       = "200ms"
        exit_code     = 1
        stderr_string = "FATAL: cannot reach payments.internal:8443\\n"`
    : `        run_for       = "1h"
        stdout_string = "shop is open\\n"`;
  return `job "shop" {
  group "api" {
    count = 2

    update {
      min_healthy_time  = "1s"
      healthy_deadline  = "10s"
      progress_deadline = "20s"
    }

    restart {
      attempts = 1
      delay    = "1s"
      mode     = "fail"
    }

    task "server" {
      driver = "mock_driver"

      config {
${config}
      }

      resources {
        cpu    = 100
        memory = ${memory}
      }
    }
  }
}
`;
}
