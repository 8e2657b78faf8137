use std::collections::HashMap;

use expect_test::{Expect, expect};
use tempfile::TempDir;

use super::*;

/// What there is besides the defaults.
#[derive(Default)]
struct Files<'a> {
    flags: &'a [(&'static str, &'static str, &'a str)],
    environment: &'a [(&'a str, &'a str)],
    dotenv: &'a str,
    toml: &'a str,
}

fn load_given(given: &Files<'_>) -> Result<Loaded, ConfigurationError> {
    let directory = TempDir::new().unwrap();
    for (name, text) in [(".env", given.dotenv), ("spacewatch.toml", given.toml)] {
        if !text.is_empty() {
            std::fs::write(directory.path().join(name), text).unwrap();
        }
    }
    let environment: HashMap<_, _> = given.environment.iter().copied().collect();
    let flags = given.flags.iter().map(|(key, flag, value)| Flag {
        key,
        flag,
        value: (*value).to_owned(),
    });
    load_from(
        flags.collect(),
        &|name| environment.get(name).map(|value| (*value).to_owned()),
        directory.path(),
    )
}

/// Shows what was given, or the error, its cause and its hint.
fn check(given: Files<'_>, expected: Expect) {
    let shown = match load_given(&given) {
        Ok(loaded) => {
            let mut shown = format!("port {}\n", loaded.configuration.port);
            for Given { key, source } in loaded.given {
                shown += &format!("{key} from {source}\n");
            }
            for remark in loaded.remarks {
                shown += &format!("remark: {remark}\n");
            }
            shown
        }
        Err(error) => {
            let mut shown = format!("{error}\n");
            if let Some(hint) = error.hint() {
                shown += &format!("hint: {hint}\n");
            }
            shown
        }
    };
    expected.assert_eq(&shown);
}

#[test]
fn the_default_configuration_is_complete() {
    check(
        Files::default(),
        expect![[r#"
            port 8000
        "#]],
    );
}

#[test]
fn flags_before_environment_before_files() {
    check(
        Files {
            flags: &[("PORT", "--port", "1")],
            environment: &[("PORT", "2"), ("HOST", "127.0.0.2"), ("PATH", "/bin")],
            dotenv: "PORT=3\nHOST=127.0.0.3\nSPACES_REGION=ams3\nSOMEBODY_ELSES=1\n",
            toml: "port = 4\nhost = '127.0.0.4'\nspaces_region = 'fra1'\nfallback_buckets = ['one', 'two']\n",
        },
        expect![[r#"
            port 1
            HOST from the environment
            PORT from the flag `--port`
            SPACES_REGION from line 3 of `.env`
            FALLBACK_BUCKETS from line 4 of `spacewatch.toml`
        "#]],
    );
}

#[test]
fn an_empty_value_means_the_default() {
    check(
        Files {
            environment: &[("PORT", "")],
            dotenv: "PORT=3\nDO_AGENT_URL=\nAPP_API_KEY=''\n",
            ..Files::default()
        },
        expect![[r#"
            port 8000
        "#]],
    );
}

#[test]
fn a_file_of_the_python_original() {
    check(
        Files {
            dotenv: r#"# DigitalOcean Spaces
export SPACES_REGION="sgp1"
SPACES_ENDPOINT=https://sgp1.digitaloceanspaces.com   # default
SPACES_KEY='DO00EXAMPLE'
SPACES_SECRET="abc#def=="

DO_AGENT_URL=https://agent.example.com/api/v1/chat/completions
DO_AGENT_KEY=k
APP_API_KEY=long-enough
HOST=0.0.0.0
PORT=8000
CORS_ALLOW_ORIGINS=*
RATE_LIMIT_RPS=2
RATE_LIMIT_BURST=10
MAX_LOG_FILES_SCAN=50
MAX_LOG_LINES_SCAN=10000
METRICS_GZIP=true
ENABLE_SCHEDULER=False
SNAPSHOT_EVERY_SEC=300
FALLBACK_BUCKETS=one-bucket, two-bucket,
LOG_LEVEL=INFO
PORT=8001
STREAMLIT_THEME=dark
"#,
            ..Files::default()
        },
        expect![[r#"
            port 8001
            HOST from line 10 of `.env`
            PORT from line 22 of `.env`
            APP_API_KEY from line 9 of `.env`
            CORS_ALLOW_ORIGINS from line 12 of `.env`
            RATE_LIMIT_RPS from line 13 of `.env`
            RATE_LIMIT_BURST from line 14 of `.env`
            LOG_LEVEL from line 21 of `.env`
            SPACES_REGION from line 2 of `.env`
            SPACES_ENDPOINT from line 3 of `.env`
            FALLBACK_BUCKETS from line 20 of `.env`
            SPACES_KEY from line 4 of `.env`
            SPACES_SECRET from line 5 of `.env`
            METRICS_GZIP from line 17 of `.env`
            DO_AGENT_URL from line 7 of `.env`
            DO_AGENT_KEY from line 8 of `.env`
            ENABLE_SCHEDULER from line 18 of `.env`
            SNAPSHOT_EVERY_SEC from line 19 of `.env`
            remark: MAX_LOG_LINES_SCAN in line 16 of `.env` has no effect: nothing is cut any more
            remark: MAX_LOG_FILES_SCAN in line 15 of `.env` has no effect: nothing is cut any more
        "#]],
    );
}

#[test]
fn wrong_values_are_told_all_at_once() {
    check(
        Files {
            flags: &[("PORT", "--port", "eighty")],
            environment: &[
                ("RATE_LIMIT_RPS", "-1"),
                ("APP_API_KEY", "two words"),
                ("SPACES_ENDPOINT", "ftp://x"),
            ],
            dotenv: "\nHOST=here\x1b[31m\n",
            toml: "fallback_buckets = ['ok-bucket', 'NO/']\nenable_scheduler = 2",
        },
        expect![[r#"
            HOST is `here\u{1b}[31m` in line 2 of `.env`, expected an IP address such as `127.0.0.1`, `0.0.0.0` or `::1`
            PORT is `eighty` in the flag `--port`, expected a whole number from 0 to 65535
            APP_API_KEY in the environment is not a secret of visible characters without spaces, at most 1024
            RATE_LIMIT_RPS is `-1` in the environment, expected a number from 0 to 100000
            SPACES_ENDPOINT is `ftp://x` in the environment, expected a URL such as `https://fra1.digitaloceanspaces.com`
            FALLBACK_BUCKETS is `ok-bucket,NO/` in line 1 of `spacewatch.toml`, expected a list, separated by commas, of values that are each a bucket's name, 3 to 63 letters, digits, `-`, `.` or `_`
            ENABLE_SCHEDULER is `2` in line 2 of `spacewatch.toml`, expected `true` or `false`
        "#]],
    );
}

#[test]
fn toml_that_is_wrong() {
    let toml = |toml| Files {
        toml,
        ..Files::default()
    };
    check(
        toml("\nprot = 1"),
        expect![[r#"
            unknown key `prot` in line 2 of `spacewatch.toml`
            hint: did you mean `port`?
        "#]],
    );
    check(
        toml("colour = 1"),
        expect![[r#"
            unknown key `colour` in line 1 of `spacewatch.toml`
            hint: `docs/configuration.md` lists every key
        "#]],
    );
    check(
        toml("[port]\nx = 1"),
        expect![[r#"
            `port` in line 1 of `spacewatch.toml` is a table, expected a text, a number, `true`, `false` or a list
        "#]],
    );
    check(
        toml("port = 1\nport == 2"),
        expect![[r#"
        line 2 of `spacewatch.toml` is no TOML: extra `=`, expected nothing
    "#]],
    );
    check(
        toml("port = 1\nPORT = 2"),
        expect![[r#"
            `PORT` stands twice in `spacewatch.toml`, again in line 2
        "#]],
    );
}

#[test]
fn tls_needs_both_files() {
    check(
        Files {
            environment: &[("TLS_CERT", "cert.pem")],
            ..Files::default()
        },
        expect![[r#"
            TLS_CERT is set but TLS_KEY is not: both are needed for TLS
        "#]],
    );
}

#[test]
fn a_dotenv_line_without_sense_is_said_and_skipped() {
    check(
        Files {
            dotenv: "PORT=5\nwhat is this\n",
            ..Files::default()
        },
        expect![[r#"
            port 5
            PORT from line 1 of `.env`
            remark: line 2 of `.env` is neither `KEY=value` nor a comment: it is ignored
        "#]],
    );
}

#[test]
fn secrets_are_not_shown() {
    let given = Files {
        environment: &[("SPACES_SECRET", "hunter2"), ("DO_AGENT_KEY", "hunter2")],
        ..Files::default()
    };
    let shown = format!("{:?}", load_given(&given).unwrap());
    assert!(!shown.contains("hunter2"), "{shown}");
}
