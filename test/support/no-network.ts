/** No test reaches a network: whatever would leave this machine fails at once, so that nobody's account is touched by accident. */
import nock from 'nock';

nock.disableNetConnect();
nock.enableNetConnect(/^(localhost|127\.\d+\.\d+\.\d+|\[?::1\]?)(:\d+)?$/);
