/** Sends back a request's body. */
module.exports = (request, response) => {
  response.writeHead(200, { 'content-type': 'application/octet-stream' });
  request.pipe(response);
};
