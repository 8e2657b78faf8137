//! Help, mistakes, completions and manual pages.

use std::process::{Command, Stdio};

use expect_test::expect;

use crate::sandbox::Sandbox;

#[test]
fn help() {
    let sandbox = Sandbox::new();
    sandbox.check(
        &["-h"],
        expect![[r#"
            Answers questions about object storage from nothing but your own S3 keys

            Usage: spacewatch [OPTIONS] <COMMAND>

            Commands:
              demo         Try everything with a store made up in memory: no account, no network
              serve        Serve the dashboard and the HTTP API
              setup        Write a configuration: asks a few questions, or takes the answers as flags
              buckets      List the buckets these keys can see
              ls           List a bucket, a level at a time or with everything below
              du           Sum up how much is stored
              top          Show the largest objects
              recent       Show the objects written last
              ask          Ask in plain words
              chat         Talk to the assistant: questions may build on the ones before
              mcp          Offer the tools to a program that speaks the Model Context Protocol, on standard
                           input and output
              eval         Measure how right the assistant is, over a made-up store whose truth is known
              doctor       Explain what works with these keys and what doesn't, and why
              posture      Show how buckets are set up, what of it is unsafe, and what these keys may not see
              logs         Answer from access logs: who did what, when, how fast
              cost         What this month costs so far and at this pace, by bucket, with the arithmetic
              findings     Show what you should know that only the access log tells: who got in after refusals,
                           who scans, who took everything
              anomalies    Show hours that are not what such hours usually are, and what makes them so
              growth       Show how much buckets grew, where they are heading, and when they reach a size
              hot-cold     Show which bytes are read and which are not, by prefix, and what dropping the cold
                           ones would save
              diff         Show what changed between two inventories of a bucket, and which requests or rules
                           changed it
              leaked-key   Show what became of a key that leaked: from where it was used, and what it touched
              evidence     Save log records as evidence, and check such a bundle again
              inventory    List a bucket once, keep that, and ask it anything: sizes, ages, versions,
                           duplicates, what is forgotten
              snapshot     Keep a history of what is stored, and show it
              completions  Print a script that completes commands and flags in your shell
              man          Print the manual page, or write one for each command into a directory
              help         Print this message or the help of the given subcommand(s)

            Options:
              -v, --verbose...  Say more on standard error; twice for everything
              -h, --help        Print help (see more with '--help')
              -V, --version     Print version

            Examples:
              spacewatch demo                          try everything, without an account
              spacewatch setup                         write a configuration for your own store
              spacewatch serve --port 9000             the dashboard and the HTTP API
              spacewatch doctor                        what works with these keys, and why not
              spacewatch du prod-assets --depth 2      where the bytes are
              spacewatch ask who deleted report.pdf    any question in plain words
              spacewatch logs audit prod-assets/a.pdf  everything that happened to an object
              spacewatch ls prod-assets --recursive --json | jq -r .key
            --- exit 0
        "#]],
    );
    sandbox.check(
        &["du", "-h"],
        expect![[r#"
            Sum up how much is stored

            Usage: spacewatch du [OPTIONS] [BUCKET[/PREFIX]]

            Arguments:
              [BUCKET[/PREFIX]]  What to sum up; without it, every bucket

            Options:
              -d, --depth <LEVELS>     Also by folder, this many levels deep [default: 0]
                  --max-age <SECONDS>  An inventory no more than so many seconds old may answer, without listing
                                       again
                  --json               Print JSON, the same as the HTTP API answers
              -v, --verbose...         Say more on standard error; twice for everything
              -h, --help               Print help

            Export:
                  --csv <FILE>      Write the answer's list as comma-separated values, safe for spreadsheets;
                                    `-` is standard output
                  --parquet <FILE>  Write it as Parquet: columns for DuckDB, Spark, pandas
                  --list <NAME>     Which list of the answer, by its name in the JSON; the first that has rows
                                    without it

            Store:
                  --key <ID>            Access key id [SPACES_KEY]
                  --secret-file <FILE>  File with the secret access key, `-` for standard input [SPACES_SECRET]
                  --region <REGION>     Region of the store [SPACES_REGION, default sgp1]
                  --endpoint <URL>      Any S3 endpoint, instead of the region's [SPACES_ENDPOINT]

            Examples:
              spacewatch du                            every bucket
              spacewatch du prod-assets --depth 1      by folder
            --- exit 0
        "#]],
    );
    sandbox.check(
        &["serve", "-h"],
        expect![[r#"
        Serve the dashboard and the HTTP API

        Usage: spacewatch serve [OPTIONS]

        Options:
              --host <ADDRESS>       Address to listen on [HOST, default 127.0.0.1]
              --port <PORT>          Port to listen on, 0 for any free one [PORT, default 8000]
              --tls-cert <FILE>      PEM file with the certificate chain, for HTTPS [TLS_CERT]
              --tls-key <FILE>       PEM file with the certificate's private key [TLS_KEY]
              --region <REGION>      Region where a request names none [SPACES_REGION, default sgp1]
              --endpoint <URL>       Store where a request names none [SPACES_ENDPOINT]
              --log-format <FORMAT>  How log lines look: `text` or `json` [LOG_FORMAT]
              --log-level <LEVEL>    How much is logged: `error`, `warning`, `info`, `debug` [LOG_LEVEL]
          -v, --verbose...           Say more on standard error; twice for everything
          -h, --help                 Print help (see more with '--help')

        Examples:
          spacewatch serve
          spacewatch serve --host 0.0.0.0 --tls-cert cert.pem --tls-key key.pem
          LOG_FORMAT=json spacewatch serve --port 9000
        --- exit 0
    "#]],
    );
}

#[test]
fn mistakes() {
    let sandbox = Sandbox::new();
    sandbox.check(
        &["bukets"],
        expect![[r#"
        --- stderr
        error: unrecognized subcommand 'bukets'

          tip: a similar subcommand exists: 'buckets'

        Usage: spacewatch [OPTIONS] <COMMAND>

        For more information, try '--help'.
        --- exit 2
    "#]],
    );
    sandbox.check(&["ls", "a b"], expect![[r#"
        --- stderr
        error: invalid value 'a b' for '[BUCKET[/PREFIX]]': the bucket's name holds ` ` where only letters, digits, `-`, `.` and `_` may stand

        For more information, try '--help'.
        --- exit 2
    "#]]);
    sandbox.check(
        &["ls", "--recursive"],
        expect![[r#"
        --- stderr
        error: the following required arguments were not provided:
          <BUCKET[/PREFIX]>

        Usage: spacewatch ls --recursive <BUCKET[/PREFIX]>

        For more information, try '--help'.
        --- exit 2
    "#]],
    );
    sandbox.check(&["buckets"], expect![[r#"
        --- stderr
        error: no access key (SPACES_KEY) is configured
        hint: set SPACES_KEY and SPACES_SECRET in the environment or in `.env`; `spacewatch demo` needs no keys
        --- exit 2
    "#]]);
    sandbox.check(&["buckets", "--json"], expect![[r#"
        --- stderr
        {"error":{"causes":[],"code":"Usage","detail":"no access key (SPACES_KEY) is configured","exit_code":2,"hint":"set SPACES_KEY and SPACES_SECRET in the environment or in `.env`; `spacewatch demo` needs no keys"}}
        --- exit 2
    "#]]);
    sandbox.check(
        &["demo", "--fault", "slow-down:every=0"],
        expect![[r#"
        --- stderr
        error: invalid value 'slow-down:every=0' for '--fault <FAULT>': `slow-down:every=0` is no fault such as `slow-down:every=10`, `latency=20ms`, `reset:next=3` or `hang:chance=0.01`

        For more information, try '--help'.
        --- exit 2
    "#]],
    );
}

#[test]
fn wrong_configuration() {
    Sandbox::new()
        .with_file(".env", "PORT=eighty\n")
        .with_variable("LOG_FORMAT", "xml")
        .check(&["serve", "--host", "here"], expect![[r#"
            --- stderr
            error: HOST is `here` in the flag `--host`, expected an IP address such as `127.0.0.1`, `0.0.0.0` or `::1`
            error: PORT is `eighty` in line 1 of `.env`, expected a whole number from 0 to 65535
            error: LOG_FORMAT is `xml` in the environment, expected `text` or `json`
            --- exit 2
        "#]]);
    Sandbox::new()
        .with_file("spacewatch.toml", "alowed_hosts = []\n")
        .check(
            &["serve"],
            expect![[r#"
        --- stderr
        error: unknown key `alowed_hosts` in line 1 of `spacewatch.toml`
        hint: did you mean `allowed_hosts`?
        --- exit 2
    "#]],
        );
    Sandbox::new().with_variable("TLS_CERT", "cert.pem").check(
        &["serve"],
        expect![[r#"
        --- stderr
        error: TLS_CERT is set but TLS_KEY is not: both are needed for TLS
        --- exit 2
    "#]],
    );
}

#[test]
fn completions_for_every_shell() {
    let sandbox = Sandbox::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let ran = sandbox.run(&["completions", shell]);
        assert_eq!(ran.code, Some(0), "{shell}: {}", ran.stderr);
        assert!(ran.stdout.contains("doctor"), "{shell}");
        if shell == "bash" {
            std::fs::write(sandbox.path().join("completions.bash"), ran.stdout).unwrap();
            let checked = Command::new("bash")
                .arg("-n")
                .arg(sandbox.path().join("completions.bash"))
                .output()
                .unwrap();
            assert!(
                checked.status.success(),
                "{}",
                String::from_utf8_lossy(&checked.stderr)
            );
        }
    }
}

#[test]
fn manual_pages() {
    let sandbox = Sandbox::new();
    let ran = sandbox.run(&["man"]);
    assert!(ran.stdout.contains(".SH SYNOPSIS"), "{}", ran.stdout);
    assert_eq!(sandbox.run(&["man", "--dir", "a/man1"]).code, Some(0));
    let mut pages: Vec<_> = std::fs::read_dir(sandbox.path().join("a/man1"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    pages.sort();
    expect![[r#"
        spacewatch-anomalies.1
        spacewatch-ask.1
        spacewatch-buckets.1
        spacewatch-chat.1
        spacewatch-completions.1
        spacewatch-cost.1
        spacewatch-demo.1
        spacewatch-diff.1
        spacewatch-doctor.1
        spacewatch-du.1
        spacewatch-eval.1
        spacewatch-evidence.1
        spacewatch-findings.1
        spacewatch-growth.1
        spacewatch-hot-cold.1
        spacewatch-inventory.1
        spacewatch-leaked-key.1
        spacewatch-logs.1
        spacewatch-ls.1
        spacewatch-man.1
        spacewatch-mcp.1
        spacewatch-posture.1
        spacewatch-recent.1
        spacewatch-serve.1
        spacewatch-setup.1
        spacewatch-snapshot.1
        spacewatch-top.1
        spacewatch.1"#]]
    .assert_eq(&pages.join("\n"));
    let page = sandbox.read("a/man1/spacewatch-du.1");
    assert!(
        page.contains("spacewatch\\-du") && page.contains("\\-\\-depth"),
        "{page}"
    );
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let sandbox = Sandbox::new();
    let mut command = sandbox.command(&["completions", "zsh"]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stderr).as_ref()
        ),
        (Some(0), "")
    );
}
