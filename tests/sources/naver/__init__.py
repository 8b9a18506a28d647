"""The source Naver: contract, parsing, hostile answers, and the sandbox over real sockets."""
