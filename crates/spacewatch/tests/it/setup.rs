//! `spacewatch setup` without a terminal.

use std::os::unix::fs::PermissionsExt;

use expect_test::expect;

use crate::sandbox::Sandbox;

fn mode(sandbox: &Sandbox) -> u32 {
    std::fs::metadata(sandbox.path().join(".env"))
        .unwrap()
        .permissions()
        .mode()
        & 0o777
}

#[test]
fn writes_a_private_file() {
    let sandbox = Sandbox::new();
    let key = "k3y-of-twenty-letters";
    let url = "https://agent.example.com/api/v1/chat/completions";
    sandbox.check(
        &[
            "setup",
            "--agent-url",
            url,
            "--agent-key",
            "agent-key",
            "--api-key",
            key,
            "--region",
            "fra1",
        ],
        expect![[r#"
            wrote .env (only you can read it)
              DO_AGENT_URL   https://agent.example.com/api/v1/chat/completions
              DO_AGENT_KEY   set, 9 characters
              APP_API_KEY    set, 21 characters
              SPACES_REGION  fra1

            next: `spacewatch serve` starts the dashboard, `spacewatch doctor` tries your keys
            --- exit 0
        "#]],
    );
    expect![[r#"
        # SpaceWatch
        DO_AGENT_URL=https://agent.example.com/api/v1/chat/completions
        DO_AGENT_KEY=agent-key
        APP_API_KEY=k3y-of-twenty-letters
        SPACES_REGION=fra1
    "#]]
    .assert_eq(&sandbox.read(".env"));
    assert_eq!(mode(&sandbox), 0o600);
    sandbox.check(
        &["setup", "--region", "fra1", "--json"],
        expect![[r#"
        {
          "file": ".env",
          "unchanged": true,
          "set": [],
          "notes": []
        }
        --- exit 0
    "#]],
    );
}

#[test]
fn overwrites_only_by_force_and_keeps_the_rest() {
    let sandbox = Sandbox::new().with_file(".env", "# mine\nexport SPACES_REGION='sgp1'\nOTHER=\"x y\"\n");
    sandbox.check(
        &["setup", "--region", "nyc3", "--yes"],
        expect![[r#"
        --- stderr
        error: SPACES_REGION is already set in `.env`, to another value
        hint: --force replaces it; without that flag it stays
        --- exit 2
    "#]],
    );
    sandbox.check(
        &["setup", "--region", "nyc3", "--yes", "--force"],
        expect![[r#"
        wrote .env (only you can read it)
          SPACES_REGION  nyc3

        next: `spacewatch serve` starts the dashboard, `spacewatch doctor` tries your keys
        --- exit 0
    "#]],
    );
    expect![[r##"
        # mine
        export SPACES_REGION=nyc3
        OTHER="x y"
    "##]]
    .assert_eq(&sandbox.read(".env"));
    assert_eq!(mode(&sandbox), 0o600);
    let names: Vec<_> = std::fs::read_dir(sandbox.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names, [".env"]);
}

#[test]
fn makes_keys_and_reads_secrets_beside_the_command_line() {
    let sandbox = Sandbox::new().with_variable("AGENT", "from-the-environment");
    let ran = sandbox.run(&["setup", "--generate-api-key", "--agent-key", "env:AGENT"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let file = sandbox.read(".env");
    let key = file
        .lines()
        .find_map(|line| line.strip_prefix("APP_API_KEY="))
        .unwrap();
    assert!(key.len() > 40 && !ran.stdout.contains(key), "{}", ran.stdout);
    assert!(file.contains("DO_AGENT_KEY=from-the-environment\n"), "{file}");
    let ran = sandbox.run_with_input(&["setup", "--agent-key", "-", "--force"], "by input\n");
    assert_eq!(ran.code, Some(2), "a space can't be in a key");
    let ran = sandbox.run_with_input(&["setup", "--agent-key", "-", "--force"], "by-input\n");
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(sandbox.read(".env").contains("DO_AGENT_KEY=by-input\n"));
}

#[test]
fn refuses_what_makes_no_sense() {
    let sandbox = Sandbox::new();
    sandbox.check(
        &["setup"],
        expect![[r#"
        --- stderr
        error: there is no terminal to ask on, and no flag gives an answer
        hint: for example `spacewatch setup --generate-api-key --region fra1`; `--help` lists the flags
        --- exit 2
    "#]],
    );
    sandbox.check(
        &["setup", "--agent-url", "agent"],
        expect![[r#"
        --- stderr
        error: --agent-url must be a URL such as `https://agent.example.com/api/v1/chat/completions`
        --- exit 2
    "#]],
    );
    sandbox.check(
        &["setup", "--api-key", "short"],
        expect![[r#"
        --- stderr
        error: the key of --api-key has 5 characters; at least 16 make it hard to guess
        hint: --generate-api-key makes a strong one; --force takes yours as it is
        --- exit 2
    "#]],
    );
    sandbox.check(
        &["setup", "--region", "here!"],
        expect![[r#"
        --- stderr
        error: --region must be a region's label such as `sgp1`, `fra1` or `us-east-1`
        --- exit 2
    "#]],
    );
    sandbox.check(
        &["setup", "--region", "fra1", "--env-file", "missing/.env"],
        expect![[r#"
        --- stderr
        error: can't write `missing/.env`
          because No such file or directory (os error 2)
        --- exit 1
    "#]],
    );
    assert!(!sandbox.path().join(".env").exists());
}
