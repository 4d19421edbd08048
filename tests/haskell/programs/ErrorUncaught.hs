-- An error that nobody catches: what was printed comes out first, then the message with its
-- call stack on stderr, and the status is 1.
module Main (main) where

import System.IO

main :: IO ()
main = do
  hSetBuffering stdout (BlockBuffering Nothing)
  putStrLn "before"
  putStr "half a line, not flushed\n"
  _ <- return $! length (show (boom 3))
  putStrLn "never"

boom :: Int -> Int
boom n = if n > 2 then error ("boom at " ++ show n) else n
