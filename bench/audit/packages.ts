import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../paths';

/** Where packages of one kind are installed, and which of them are audited where they are there. */
interface Registry {
  readonly name: string;
  readonly packages: readonly string[];
  /** @returns nothing where the package is not installed. */
  readonly locate: (name: string) => InstalledPackage | undefined;
}

/** A package on this machine. */
export interface InstalledPackage {
  readonly version: string;
  /** What its files' paths are relative to. */
  readonly root: string;
  /** Absolute paths. */
  readonly files: readonly string[];
}

/**
 * More than the thirty that an audit needs, so that it does not depend on any of them. None is a source of the model's training or
 * calibration when this is written; `audit` leaves out those that a model package names.
 */
export const REGISTRIES: readonly Registry[] = [
  {
    name: 'npm',
    packages: [
      '@azure/core-rest-pipeline', '@azure/identity', '@observablehq/plot', 'acorn', 'adm-zip', 'ajv', 'argparse', 'cheerio', 'chokidar', 'cockatiel', 'commander', 'diff',
      'htmlparser2', 'iconv-lite', 'js-yaml', 'jsonc-parser', 'jszip', 'lodash', 'markdown-it', 'minimatch', 'onnxruntime-web', 'pako', 'parse5', 'path-scurry', 'protobufjs',
      'readable-stream', 'semver', 'underscore', 'web-tree-sitter',
    ],
    locate: locateNpm,
  },
  {
    name: 'PyPI',
    packages: [
      'antlr4-python3-runtime', 'attrs', 'awscli', 'boto3', 'botocore', 'cfn-lint', 'click', 'cryptography', 'docker', 'docutils', 'Flask', 'graphql-core', 'hypothesis',
      'ipython', 'jedi', 'jsonschema', 'libcst', 'moto', 'parso', 'pexpect', 'prompt_toolkit', 'pyasn1', 'pyparsing', 'PyYAML', 'requests', 'traitlets', 'trio', 'urllib3',
      'Werkzeug',
    ],
    locate: locatePython,
  },
  {
    name: 'Debian',
    packages: [
      'cmake-data', 'debconf', 'gdb', 'git', 'libc6-dev', 'libdpkg-perl', 'libfreetype-dev', 'libicu-dev', 'libncurses-dev', 'libnss3-dev', 'libssl-dev', 'libstdc++-12-dev',
      'libx11-dev', 'libxml2-dev', 'linux-libc-dev', 'llvm-14-dev', 'nodejs', 'perl-modules-5.36', 'python3-apt', 'tcl8.6-dev', 'valgrind',
    ],
    locate: locateDebian,
  },
];

function locateNpm(name: string): InstalledPackage | undefined {
  const root = path.join(ROOT, 'node_modules', name);
  if (!existsSync(path.join(root, 'package.json'))) {
    return undefined;
  }
  const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string };
  const files = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => !path.relative(root, file).split(path.sep).includes('node_modules'));
  return { version, root, files };
}

const PYTHON = `
import json, sys
from importlib.metadata import PackageNotFoundError, distribution
try:
    package = distribution(sys.argv[1])
except PackageNotFoundError:
    sys.exit(1)
print(json.dumps({"version": package.version, "root": str(package.locate_file("")), "files": [str(package.locate_file(file)) for file in package.files or []]}))
`;

/** In the Python on the PATH. */
function locatePython(name: string): InstalledPackage | undefined {
  const described = output('python3', ['-c', PYTHON, name]);
  if (described === undefined) {
    return undefined;
  }
  const { files, ...where } = JSON.parse(described) as InstalledPackage;
  return { ...where, files: files.filter(isFile) };
}

function locateDebian(name: string): InstalledPackage | undefined {
  const [version, listed] = [output('dpkg-query', ['--show', '--showformat=${Version}', name]), output('dpkg-query', ['--listfiles', name])];
  if (!version || listed === undefined) {
    return undefined;
  }
  // Links lead to files of other packages, or to ones that are listed themselves.
  return { version, root: '/', files: listed.split('\n').filter((file) => isFile(file) && realpathSync(file) === file) };
}

function isFile(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** What a command prints. @returns nothing where it fails or is not installed. */
function output(command: string, args: readonly string[]): string | undefined {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 2 ** 27 }).trim();
  } catch {
    return undefined;
  }
}
