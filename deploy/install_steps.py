"""What an application server needs, as steps in their order (see ``deploy/install``)."""

from __future__ import annotations

import grp
import os
import pwd
import secrets
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from deploy import nginx_site, sizing
from deploy.environment import problems_of_file, read_environment
from deploy.layout import NAME, USER, Layout
from deploy.postgres import Database, DatabaseProblem, identifier, literal
from deploy.release import release_step
from deploy.steps import Step, StepFailed, command, file_step, fill, link_step, write_file

HERE = Path(__file__).resolve().parent
PACKAGES = (
    "python3.11", "python3.11-venv", "postgresql-15", "postgresql-client-15", "redis-server",
    "nginx-light", "ufw", "fail2ban", "logrotate", "unattended-upgrades", "age", "rsync",
    "openssl", "fonts-dejavu-core",
)  # fmt: skip
UNITS = (
    "staff-rota.socket", "staff-rota.service", "staff-rota-worker.service",
    "staff-rota-beat.service", "staff-rota-backup.service", "staff-rota-backup.timer",
    "staff-rota-alert@.service",
)  # fmt: skip
ENABLED = ("staff-rota.socket", "staff-rota.service", "staff-rota-worker.service",
           "staff-rota-beat.service", "staff-rota-backup.timer")  # fmt: skip
#: index kinds of the plan (trigram search, combined GIN) and of the guard against overlaps
EXTENSIONS = ("pg_trgm", "btree_gin", "btree_gist")
SYSTEMS = {("debian", "12"), ("ubuntu", "22.04")}


@dataclass(frozen=True, slots=True)
class Plan:
    """What the operator decided; the rest follows."""

    layout: Layout
    source: Path
    tag: str
    hosts: tuple[str, ...]
    recipient: str = ""
    remote: str = ""
    #: beat runs on one application server only
    beat: bool = True
    #: database and cache live on this machine
    local_services: bool = True
    machine: sizing.Machine = field(default_factory=sizing.this_machine)
    #: whether systemd runs here: in a container or a rehearsal it does not
    systemd: bool = field(default_factory=lambda: Path("/run/systemd/system").is_dir())


def all_steps(plan: Plan) -> list[Step]:
    """Every step, in the order in which they build on each other."""
    local = [*postgresql_steps(plan), *redis_steps(plan)] if plan.local_services else []
    return [
        system_step(plan), packages_step(), *folder_steps(plan), *configuration_steps(plan),
        release_step(plan.layout, plan.source, plan.tag), *local, migrations_step(plan),
        *unit_steps(plan), *nginx_steps(plan), firewall_step(), *small_file_steps(plan),
    ]  # fmt: skip


# -- the machine ---------------------------------------------------------------------------


def system_step(plan: Plan) -> Step:
    """Only the systems that this was tried on."""

    def refuse() -> None:
        raise StepFailed("This is for Ubuntu 22.04 LTS and Debian 12.")

    def pending() -> list[str]:
        release = read_environment(plan.layout.at("/etc/os-release"))
        found = (release.get("ID", ""), release.get("VERSION_ID", ""))
        return [] if found in SYSTEMS else [f"{found[0]} {found[1]} is not supported"]

    return Step("operating system", pending, refuse)


def packages_step() -> Step:
    """Debian's packages. Ubuntu 22.04 has PostgreSQL 14: its project's own archive is added."""

    def missing() -> list[str]:
        asked = subprocess.run(
            ["dpkg-query", "--show", "--showformat=${Package} ${db:Status-Status}\n", *PACKAGES],
            capture_output=True, text=True,
        )  # fmt: skip
        there = {
            line.split()[0] for line in asked.stdout.splitlines() if line.endswith(" installed")
        }
        return [name for name in PACKAGES if name not in there]

    def pending() -> list[str]:
        return [f"install {' '.join(names)}"] if (names := missing()) else []

    def apply() -> None:
        quiet = {"DEBIAN_FRONTEND": "noninteractive"}
        command(["apt-get", "update", "-qq"])
        if not command(["apt-cache", "search", "--names-only", "^postgresql-15$"]).strip():
            command(["apt-get", "install", "-y", "-qq", "postgresql-common"], environment=quiet)
            command(["/usr/share/postgresql-common/pgdg/apt.postgresql.org.sh", "-y"])
        command(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing()],
                environment=quiet)  # fmt: skip

    return Step("packages", pending, apply)


def _ids(name: str) -> tuple[int, int]:
    try:
        return pwd.getpwnam(name).pw_uid, grp.getgrnam(name).gr_gid
    except KeyError:
        return os.geteuid(), os.getegid()


def folder_steps(plan: Plan) -> list[Step]:
    """Code belongs to root and is read by www-data; only the data folder is written to."""
    layout, app = plan.layout, _ids(USER)
    root = (os.geteuid(), os.getegid())
    wanted = (
        (layout.home, 0o755, root), (layout.releases, 0o755, root),
        (layout.home / "acme", 0o755, root), (layout.configuration, 0o700, root),
        (layout.data, 0o750, app), (layout.data / "models", 0o750, app),
        (layout.backups, 0o700, root), (layout.logs, 0o750, app),
        (layout.at("/var/cache/nginx/staff_rota"), 0o700, app),
    )  # fmt: skip
    return [_folder_step(path, mode, owner) for path, mode, owner in wanted]


def _folder_step(path: Path, mode: int, owner: tuple[int, int]) -> Step:
    def pending() -> list[str]:
        if not path.is_dir():
            return [f"make {path}"]
        status = path.stat()
        right = status.st_mode & 0o7777 == mode and (status.st_uid, status.st_gid) == owner
        return [] if right else [f"set owner and mode of {path}"]

    def apply() -> None:
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(mode)
        os.chown(path, *owner)

    return Step("folders", pending, apply)


# -- configuration -------------------------------------------------------------------------


def configuration_steps(plan: Plan) -> list[Step]:
    """``production.env`` with random secrets, once; what only the organisation knows is left
    for a person and named by ``deploy/check-env``."""
    layout = plan.layout

    def secret() -> str:
        return secrets.token_urlsafe(32)

    def write() -> None:
        text = (HERE.parent / ".env.example").read_text(encoding="utf-8")
        app_password, owner_password = secret(), secret()
        values = {
            "SECRET_KEY": secrets.token_urlsafe(60), "DEBUG": "false", "SECURE_COOKIES": "true",
            "ALLOWED_HOSTS": ",".join(plan.hosts), "DATA_DIR": str(layout.data),
            "DATABASE_URL": f"postgresql://{NAME}:{app_password}@127.0.0.1:5432/{NAME}",
            "REDIS_URL": f"redis://:{secret()}@127.0.0.1:6379/0",
            "PROPHET_MODEL_DIR": str(layout.data / "models"),
            "BACKUP_RECIPIENT": plan.recipient, "BACKUP_REMOTE": plan.remote,
            "DEFAULT_FROM_EMAIL": "", "SITE_URL": f"https://{plan.hosts[0]}",
        }  # fmt: skip
        write_file(layout.environment_file, _with_values(text, values), 0o600)
        owner = f"postgresql://{NAME}_owner:{owner_password}@127.0.0.1:5432/{NAME}"
        admin = (
            "# For deploy/ only; the services never see it. The owner of the tables migrates;\n"
            "# ADMIN_DATABASE_URL (may create databases) is needed when the database is on\n"
            "# another machine, empty for the local postgres user.\n"
            f"MIGRATION_DATABASE_URL={owner}\nADMIN_DATABASE_URL=\n"
        )
        write_file(layout.admin_file, admin, 0o600)

    def pending() -> list[str]:
        files = (layout.environment_file, layout.admin_file)
        return [f"write {path}" for path in files if not path.exists()]

    return [Step("configuration", pending, write)]


def _with_values(text: str, values: dict[str, str]) -> str:
    left, lines = dict(values), []
    for line in text.splitlines():
        name = line.partition("=")[0]
        lines.append(f"{name}={left.pop(name)}" if name in left else line)
    return "\n".join([*lines, *(f"{name}={value}" for name, value in left.items()), ""])


def still_to_fill(plan: Plan) -> list[str]:
    """What ``deploy/check-env`` says now."""
    return problems_of_file(plan.layout.environment_file, owner=os.geteuid())


# -- services ------------------------------------------------------------------------------


def restart(plan: Plan, unit: str) -> Callable[[], None]:
    """Restart a service of the distribution, where systemd runs."""
    return lambda: command(["systemctl", "restart", unit]) and None if plan.systemd else None


def postgresql_steps(plan: Plan) -> list[Step]:
    """Settings for this machine; an owner for the tables, and a role that may only use them."""
    layout = plan.layout
    settings = sizing.as_lines(sizing.postgresql_settings(plan.machine), " = ")
    conf = layout.at("/etc/postgresql/15/main/conf.d/staff_rota.conf")
    return [
        file_step("PostgreSQL settings", conf, settings, after=restart(plan, "postgresql")),
        database_step(layout, Database("postgres")),
    ]


def database_step(layout: Layout, server: Database) -> Step:
    """The two roles, the database and its extensions, as the files of ``/etc`` name them."""

    def accounts() -> tuple[str, str, str, str, str]:
        app = urlsplit(read_environment(layout.environment_file)["DATABASE_URL"])
        owner = urlsplit(read_environment(layout.admin_file)["MIGRATION_DATABASE_URL"])
        return (
            app.path.lstrip("/"), unquote(app.username or ""), unquote(app.password or ""),
            unquote(owner.username or ""), unquote(owner.password or ""),
        )  # fmt: skip

    def pending() -> list[str]:
        if not layout.environment_file.exists():
            return ["create database, owner and role"]
        name, role, _, owner, _ = accounts()
        try:
            roles = {row[0] for row in server.sql("SELECT rolname FROM pg_roles")}
            changes = [f"create role {each}" for each in (owner, role) if each not in roles]
            if not server.named(name).exists():
                return [*changes, f"create database {name}"]
            there = {row[0] for row in server.named(name).sql("SELECT extname FROM pg_extension")}
        except DatabaseProblem as error:
            return [f"create database, owner and role ({str(error).splitlines()[0]})"]
        return changes + [f"add extension {each}" for each in EXTENSIONS if each not in there]

    def apply() -> None:
        name, role, password, owner, owner_password = accounts()
        roles = {row[0] for row in server.sql("SELECT rolname FROM pg_roles")}
        for each, secret in ((owner, owner_password), (role, password)):
            verb = "ALTER" if each in roles else "CREATE"
            server.sql(
                f"{verb} ROLE {identifier(each)} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE "
                f"NOREPLICATION NOBYPASSRLS PASSWORD {literal(secret)}"
            )
        # what PgBouncer drops from a connection's options holds all the same
        server.sql(f"ALTER ROLE {identifier(role)} SET statement_timeout = '15s'")
        server.sql(f"ALTER ROLE {identifier(role)} SET timezone = 'UTC'")
        database = server.named(name)
        if not database.exists():
            database.create(owner=owner)
        for extension in EXTENSIONS:
            database.sql(f"CREATE EXTENSION IF NOT EXISTS {extension}")
        for statement in grants(name, role, owner):
            database.sql(statement)

    return Step("database", pending, apply)


def grants(name: str, role: str, owner: str) -> list[str]:
    """Least privilege: the application reads and writes rows, and can do nothing else."""
    app, of = identifier(role), identifier(owner)
    default = f"ALTER DEFAULT PRIVILEGES FOR ROLE {of} IN SCHEMA public GRANT"
    return [
        f"REVOKE ALL ON DATABASE {identifier(name)} FROM PUBLIC",
        f"GRANT CONNECT ON DATABASE {identifier(name)} TO {app}, {of}",
        "REVOKE ALL ON SCHEMA public FROM PUBLIC",
        f"GRANT ALL ON SCHEMA public TO {of}",
        f"GRANT USAGE ON SCHEMA public TO {app}",
        f"{default} SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app}",
        f"{default} USAGE, SELECT ON SEQUENCES TO {app}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {app}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {app}",
    ]


def redis_steps(plan: Plan) -> list[Step]:
    """Password and memory policy, in a file that Redis's own includes."""
    layout = plan.layout
    conf = layout.at("/etc/redis/staff_rota.conf")
    main = layout.at("/etc/redis/redis.conf")
    line = f"include {conf}"

    def content() -> str:
        url = urlsplit(read_environment(layout.environment_file)["REDIS_URL"])
        settings = sizing.redis_settings(plan.machine, unquote(url.password or ""))
        return sizing.as_lines(settings, " ")

    def pending() -> list[str]:
        there = main.exists() and line in main.read_text().splitlines()
        return [] if there else [f"include {conf} in {main}"]

    def include() -> None:
        main.parent.mkdir(parents=True, exist_ok=True)
        with main.open("a", encoding="utf-8") as file:
            file.write(f"\n{line}\n")
        restart(plan, "redis-server")()

    owner = _ids("redis")
    return [
        file_step("Redis settings", conf, content, mode=0o640, owner=owner,
                  after=restart(plan, "redis-server")),
        Step("Redis settings", pending, include),
    ]  # fmt: skip


def migrations_step(plan: Plan) -> Step:
    """The database at the newest migration, with every index of the plan."""
    layout = plan.layout

    def rota(*arguments: str) -> str:
        return command([str(layout.current / "deploy" / "rota"), "--as-owner", *arguments])

    def pending() -> list[str]:
        if not layout.current.exists():
            return ["migrate the database"]
        try:
            shown = rota("showmigrations")
        except StepFailed as error:
            return [f"migrate the database ({str(error).splitlines()[-1][:200]})"]
        behind = [line for line in shown.splitlines() if line.startswith("[ ]")]
        return [f"apply {len(behind)} migrations"] if behind else []

    def apply() -> None:
        rota("migrate")
        rota("apply-indexes")

    return Step("migrations", pending, apply)


def unit_steps(plan: Plan) -> list[Step]:
    """systemd's units, enabled and running."""
    values = {
        "WORKER_PROCESSES": str(plan.machine.job_workers),
        "WORKER_MEMORY": f"{max(1024, plan.machine.memory_mb // 3)}M",
    }
    folder = plan.layout.at("/etc/systemd/system")
    runtime = "d /run/staff_rota 0750 www-data www-data -\n"
    steps = [file_step("run folder", plan.layout.at("/etc/tmpfiles.d/staff_rota.conf"), runtime,
                       after=lambda: plan.systemd and command(["systemd-tmpfiles", "--create"]) and None)]  # fmt: skip
    for name in UNITS:
        text = fill((HERE / "systemd" / name).read_text(encoding="utf-8"), values)
        steps.append(file_step("systemd units", folder / name, text))

    def enabled(unit: str) -> bool:
        target = (
            "timers"
            if unit.endswith("timer")
            else "sockets"
            if unit.endswith("socket")
            else "multi-user"
        )
        return (folder / f"{target}.target.wants" / unit).is_symlink()

    wanted = [unit for unit in ENABLED if plan.beat or "beat" not in unit]

    def pending() -> list[str]:
        return [f"enable {unit}" for unit in wanted if not enabled(unit)]

    def apply() -> None:
        root = [] if str(plan.layout.root) == "/" else [f"--root={plan.layout.root}"]
        command(["systemctl", *root, "enable", *pending_units()])
        if plan.systemd:
            command(["systemctl", "daemon-reload"])
            command(["systemctl", "start", *wanted])

    def pending_units() -> list[str]:
        return [unit for unit in wanted if not enabled(unit)]

    return [*steps, Step("systemd units", pending, apply)]


def nginx_steps(plan: Plan) -> list[Step]:
    """The site, with a certificate of its own making until a real one is there."""
    layout = plan.layout
    site = layout.at("/etc/nginx/sites-available/staff_rota")
    certificate, key = nginx_site.certificate_paths(layout)

    def lacking() -> list[str]:
        return [] if certificate.exists() else [f"make a self-signed certificate {certificate}"]

    def make() -> None:
        nginx_site.self_signed(certificate, key, plan.hosts)

    def reload() -> None:
        if plan.systemd:
            command(["nginx", "-t"])
            command(["systemctl", "reload-or-restart", "nginx"])

    def text() -> str:
        return nginx_site.render(nginx_site.Site.of(layout, plan.hosts))

    enabled = layout.at("/etc/nginx/sites-enabled/staff_rota")
    default = layout.at("/etc/nginx/sites-enabled/default")

    def default_there() -> list[str]:
        return [f"remove {default}"] if default.is_symlink() else []

    return [
        Step("certificate", lacking, make),
        file_step("nginx site", site, text, mode=0o640, after=reload),
        Step("nginx site", default_there, default.unlink),
        link_step("nginx site", enabled, str(site), after=reload),
    ]


def firewall_step() -> Step:
    """ufw: SSH (limited), HTTP and HTTPS come in, nothing else."""
    rules = {
        "OpenSSH": ("limit", "22/tcp"),
        "HTTP": ("allow", "80/tcp"),
        "HTTPS": ("allow", "443/tcp"),
    }

    def added() -> str:
        asked = subprocess.run(["ufw", "show", "added"], capture_output=True, text=True)
        return asked.stdout

    def is_on() -> bool:
        conf = Path("/etc/ufw/ufw.conf")
        return conf.exists() and "ENABLED=yes" in conf.read_text()

    def pending() -> list[str]:
        try:
            there = added()
        except FileNotFoundError:
            there = ""
        changes = [
            f"{verb} {port}" for verb, port in rules.values() if f"ufw {verb} {port}" not in there
        ]
        return changes + ([] if is_on() else ["switch the firewall on"])

    def apply() -> None:
        command(["ufw", "default", "deny", "incoming"])
        command(["ufw", "default", "allow", "outgoing"])
        for verb, port in rules.values():
            command(["ufw", verb, port])
        command(["ufw", "--force", "enable"])

    return Step("firewall", pending, apply)


def small_file_steps(plan: Plan) -> list[Step]:
    """fail2ban, logrotate, automatic updates."""
    layout = plan.layout
    logs = {"LOGS": str(layout.logs)}

    def text(name: str) -> str:
        return fill((HERE / name).read_text(encoding="utf-8"), logs)

    fail2ban = restart(plan, "fail2ban")
    return [
        file_step("fail2ban", layout.at("/etc/fail2ban/filter.d/staff-rota.conf"),
                  text("fail2ban/filter.conf"), after=fail2ban),
        file_step("fail2ban", layout.at("/etc/fail2ban/jail.d/staff-rota.conf"),
                  text("fail2ban/jail.conf"), after=fail2ban),
        file_step("logrotate", layout.at("/etc/logrotate.d/staff-rota"), text("logrotate/staff-rota")),
        file_step("automatic updates", layout.at("/etc/apt/apt.conf.d/52staff-rota"),
                  text("apt/52staff-rota")),
    ]  # fmt: skip
