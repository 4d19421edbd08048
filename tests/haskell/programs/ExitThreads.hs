-- The main thread ends while others compute, sleep and block: the program ends at once with
-- status 3. Catches an exit that waits.
module Main (main) where

import Control.Concurrent
import Control.Exception
import Control.Monad
import System.Exit

main :: IO ()
main = do
  m <- newEmptyMVar :: IO (MVar ())
  _ <- forkIO (let loop n = evaluate (n + 1 :: Integer) >>= loop in loop (2 ^ (64 :: Int)))
  _ <- forkIO (threadDelay 600000000 >> putStrLn "never")
  _ <- forkIO (takeMVar m >> putStrLn "never")
  threadDelay 20000
  putStrLn "main leaves"
  void (exitWith (ExitFailure 3))
  putMVar m ()
