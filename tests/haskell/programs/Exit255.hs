-- exitWith 255 from the main thread, below a handler that does not ask for it: the status
-- reaches the shell and the output is flushed.
module Main (main) where

import Control.Exception
import System.Exit
import System.IO

main :: IO ()
main = do
  hSetBuffering stdout (BlockBuffering (Just 4096))
  putStrLn "leaving with 255"
  putStr "no newline at the end"
  r <- try (exitWith (ExitFailure 255) `catch` (\e -> putStrLn (show (e :: ArithException))))
  either (\e -> putStrLn "" >> throwIO (e :: ExitCode)) return r
