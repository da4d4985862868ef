/**
 * A small web server in CommonJS, with routes that are required by name: the kind of program whose files
 * cannot be found by reading its imports. Nothing in it knows of an enclave.
 */
const { createServer } = require('node:http');
const { readdirSync } = require('node:fs');
const { join } = require('node:path');

const folder = join(__dirname, 'routes');
const routes = Object.fromEntries(
  readdirSync(folder).map((file) => [file.replace('.cjs', ''), require(join(folder, file))]),
);

createServer((request, response) => {
  const [, name] = request.url.split('/');
  const route = name !== 'page' && Object.hasOwn(routes, name) ? routes[name] : routes.page;
  route(request, response);
}).listen(Number(process.env.PORT ?? 8080), '127.0.0.1');
