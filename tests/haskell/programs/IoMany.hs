-- Many threads write whole lines to stdout at once: each line comes out whole (the handle's
-- lock), and none is lost.
module Main (main) where

import Control.Concurrent
import Control.Monad
import System.IO

main :: IO ()
main = do
  hSetBuffering stdout LineBuffering
  turns <- replicateM 21 newEmptyMVar
  done <- newEmptyMVar
  forM_ (zip3 [1 ..] turns (tail turns)) $ \(n, mine, next) -> forkIO $ do
    takeMVar mine
    putStrLn ("thread " ++ show (n :: Int) ++ replicate n '.')
    putMVar next ()
    when (n == 20) (putMVar done ())
  putMVar (head turns) ()
  takeMVar done
