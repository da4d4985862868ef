/** A page by its path. */
const pages = require('../pages.json');

module.exports = (request, response) => {
  const page = pages[request.url];
  response.writeHead(page === undefined ? 404 : 200, { 'content-type': 'text/plain' });
  response.end(page ?? 'not found\n');
};
