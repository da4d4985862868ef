/** `/bytes/<n>`: n bytes, as fast as they are taken. */
const PIECE = Buffer.alloc(2 ** 16, 'psi ');
const MAX_BYTES = 2 ** 34;

module.exports = (request, response) => {
  const length = Number(/^\/bytes\/(\d+)$/.exec(request.url)?.[1]);
  if (!(length <= MAX_BYTES)) {
    response.writeHead(400).end('how many bytes?\n');
    return;
  }
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': length });
  let left = length;
  const more = () => {
    while (left > 0) {
      const piece = left < PIECE.length ? PIECE.subarray(0, left) : PIECE;
      left -= piece.length;
      if (!response.write(piece)) return response.once('drain', more);
    }
    response.end();
  };
  response.on('error', () => {});
  more();
};
